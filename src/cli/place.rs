//! Which file, and where the server that reads it can be met.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::bail;
use clap::Args;
use toml::de::{DeTable, DeValue};

use super::output;
use crate::config::{self, Files, settings::Settings};

/// Where the file is looked for, after `--config` and `$VESTIBULE_CONFIG`.
const USUAL: [&str; 2] = ["vestibule.toml", "/etc/vestibule/vestibule.toml"];

/// Which file to read.
#[derive(Clone, Debug, Args)]
pub(super) struct ConfigFile {
    /// The configuration; else ./vestibule.toml, else /etc/vestibule/vestibule.toml.
    #[arg(long, env = "VESTIBULE_CONFIG", hide_env_values = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// The file that was named, or the first usual one there is.
    pub(super) fn locate(&self) -> anyhow::Result<PathBuf> {
        self.locate_among(&USUAL.map(Path::new))
    }

    fn locate_among(&self, usual: &[&Path]) -> anyhow::Result<PathBuf> {
        if let Some(named) = &self.config {
            return Ok(named.clone());
        }
        // One that may not even be looked at is there, too; what stands in the way is told when it is read.
        match usual.iter().find(|path| path.try_exists().unwrap_or(true)) {
            Some(found) => Ok(found.to_path_buf()),
            None => bail!(
                "there is neither ./vestibule.toml nor /etc/vestibule/vestibule.toml; name a file with --config, or try \
                 \"vestibule demo\""
            ),
        }
    }
}

/// Reads the settings for a command that needs no certificate; shows problems where there are any.
pub(super) fn settings(file: &Path) -> anyhow::Result<Settings> {
    let loaded = config::load(file, Files::Assumed);
    let errors = loaded.errors();
    match loaded.settings {
        Some(settings) => Ok(settings),
        None => {
            output::show_error(&loaded.report(output::color(&io::stderr())));
            bail!("{}: {errors} error(s)", file.display())
        }
    }
}

/// Where a running server can be met, even if the file has been broken since it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Meeting {
    /// The control socket.
    pub(super) socket: PathBuf,
    /// Health and metrics.
    pub(super) internal: Option<SocketAddr>,
}

impl Meeting {
    /// Reads it from the settings, or picks it out of a file that is no longer one.
    pub(super) fn of(file: &Path) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::PermissionDenied => bail!(
                "{} may not be read by this account; do it as the server's own, as in \"sudo -u vestibule vestibule \
                 status\"",
                file.display()
            ),
            Err(fault) => bail!("{}: {fault}", file.display()),
        };
        match config::load_text(file, &text, Files::Assumed).settings {
            Some(settings) => Ok(Self { socket: settings.server.socket, internal: settings.server.internal }),
            None => Ok(Self::picked(file, &text)),
        }
    }

    fn picked(file: &Path, text: &str) -> Self {
        let (table, _) = DeTable::parse_recoverable(text);
        let server = match table.get_ref().get("server").map(|server| server.get_ref()) {
            Some(DeValue::Table(server)) => Some(server),
            _ => None,
        };
        let word = |key: &str| match server?.get(key)?.get_ref() {
            DeValue::String(word) => Some(word.to_string()),
            _ => None,
        };
        let socket = word("socket").unwrap_or_else(|| "run/vestibule.sock".to_owned());
        let internal = word("internal").unwrap_or_else(|| "127.0.0.1:9091".to_owned());
        Self { socket: file.parent().unwrap_or(Path::new("")).join(socket), internal: internal.parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_file_comes_before_the_first_usual_one_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first.toml", "second.toml"].map(|name| folder.path().join(name));
        let usual = [first.as_path(), second.as_path()];
        let unnamed = ConfigFile { config: None };
        let fault = unnamed.locate_among(&usual).unwrap_err().to_string();
        assert!(fault.contains("./vestibule.toml") && fault.contains("--config"), "{fault}");
        std::fs::write(&second, "").unwrap();
        assert_eq!(unnamed.locate_among(&usual).unwrap(), second);
        std::fs::write(&first, "").unwrap();
        assert_eq!(unnamed.locate_among(&usual).unwrap(), first);
        let named = ConfigFile { config: Some("mine.toml".into()) };
        assert_eq!(named.locate_among(&usual).unwrap(), Path::new("mine.toml"));
    }

    #[test]
    fn a_broken_file_still_tells_where_its_server_is() {
        let text = "[server]\nhttps = [\nsocket = \"run/x.sock\"\n[[portal]]\nname = \n";
        let meeting = Meeting::picked(Path::new("/etc/vestibule/vestibule.toml"), text);
        assert_eq!(meeting.socket, Path::new("/etc/vestibule/run/vestibule.sock"));
        let text = "[server]\nsocket = \"run/x.sock\"\ninternal = \"off\"\n[[portal]]\nname = \n";
        let meeting = Meeting::picked(Path::new("/etc/vestibule/vestibule.toml"), text);
        assert_eq!(meeting.socket, Path::new("/etc/vestibule/run/x.sock"));
        assert_eq!(meeting.internal, None);
    }
}
