//! The binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything speaks TLS: one provider of cryptography for the whole process. A second call would only fail.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    vestibule::cli::run()
}
