use std::path::Path;

use super::{Files, load_text};

const INTERFACE: &str = r#"
[[portal]]
name = "planning"
hosts = ["planning.example.com"]
upstream = "http://127.0.0.1:8080"

[[portal.rule]]
policy = "two_factor"

[tls]
certificates = [{ chain = "tls/chain.pem", key = "tls/key.pem" }]
"#;

#[test]
fn a_small_file_loads() {
    let loaded = load_text(Path::new("vestibule.toml"), INTERFACE, Files::Assumed);
    assert_eq!(loaded.errors(), 0, "{:?}", loaded.problems);
}
