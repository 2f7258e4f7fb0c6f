//! Secrets that stand elsewhere: in a file, in the environment, or among the credentials of the service manager.

use std::path::Path;

use super::{file::SecretTable, text};

/// What to write instead of a place that cannot be used.
pub(super) const PLACES: &str = "write { file = \"…\" }, { env = \"…\" } or { credential = \"…\" }";

/// The text a secret table leads to. Relative paths start from the folder of `file`, which names it. What goes wrong is told as
/// words that follow "the password of …".
pub(super) fn fetch(place: &SecretTable, file: &Path) -> Result<String, String> {
    match (&place.file, &place.env, &place.credential) {
        (Some(name), None, None) => {
            let path = file.parent().unwrap_or(Path::new("")).join(name);
            text(&path).map_err(|fault| format!("is in {}, which {fault}", path.display()))
        }
        (None, Some(name), None) => {
            variable(name).ok_or_else(|| format!("is in the variable {name}, which is not set"))
        }
        (None, None, Some(name)) => {
            let folder = variable("CREDENTIALS_DIRECTORY")
                .ok_or("is a credential, but no service manager passed any")?;
            let path = Path::new(&folder).join(name);
            text(&path).map_err(|fault| format!("is in {}, which {fault}", path.display()))
        }
        _ => Err("needs exactly one place".to_owned()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the room that reads the environment, and the operator names what"
)]
fn variable(name: &str) -> Option<String> {
    // `var` panics for no name, but the platform refuses such ones oddly.
    (!name.is_empty() && !name.contains(['=', '\0'])).then(|| std::env::var(name).ok()).flatten()
}
