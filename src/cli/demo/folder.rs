//! The demo's files: the ones an operator would write, and the credentials that are printed.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::absolute;
use crate::{
    domain::{factor::TotpKey, facts::Host, token::Entropy},
    factor::{password, totp},
    runtime::OsEntropy,
    serve::tls::self_signed,
};

/// Letters and digits that no font confuses.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A folder of its own, gone at the end unless the operator named it.
pub(super) struct Folder {
    path: PathBuf,
    is_kept: bool,
}

/// What the gateway is to do.
pub(super) struct Plan<'a> {
    pub(super) listen: SocketAddr,
    pub(super) upstream: &'a str,
    pub(super) is_sample: bool,
}

/// Who can sign in, and how.
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
    pub(super) key: TotpKey,
}

/// The same, as kept in `demo.toml`.
#[derive(Serialize, Deserialize)]
struct Kept {
    user: String,
    password: String,
    totp_secret: String,
}

impl Folder {
    /// The named folder, or a fresh one.
    pub(super) fn open(named: Option<&Path>) -> anyhow::Result<Self> {
        let (path, is_kept) = match named {
            Some(named) => (absolute(named), true),
            None => (std::env::temp_dir().join(format!("vestibule-demo-{}", letters(8))), false),
        };
        if is_kept && path.is_dir() {
            refuse_others(&path)?;
            return Ok(Self { path, is_kept });
        }
        // Without --data it must not exist yet: a folder somebody else prepared is no place for secrets.
        DirBuilder::new()
            .recursive(is_kept)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Self { path, is_kept })
    }

    /// Where log lines go.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("vestibule.log")
    }

    /// Those of the last time, or fresh ones.
    pub(super) fn credentials(&self) -> anyhow::Result<Credentials> {
        let path = self.path.join("demo.toml");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let kept: Kept =
                    toml::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))?;
                let key = data_encoding::BASE32_NOPAD
                    .decode(kept.totp_secret.as_bytes())
                    .with_context(|| format!("{}: totp_secret", path.display()))?;
                Ok(Credentials { user: kept.user, password: kept.password.into(), key: TotpKey::new(key) })
            }
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                let password = std::iter::repeat_with(|| letters(4)).take(4).collect::<Vec<_>>().join("-");
                let key = totp::new_key(&OsEntropy);
                let kept = Kept {
                    user: "demo".to_owned(),
                    password: password.clone(),
                    totp_secret: totp::base32(&key),
                };
                write_private(&path, &toml::to_string(&kept)?)?;
                Ok(Credentials { user: kept.user, password: password.into(), key })
            }
            Err(fault) => Err(fault).with_context(|| path.display().to_string()),
        }
    }

    /// Writes configuration, people and certificate; tells where the configuration is.
    pub(super) fn write(&self, plan: &Plan<'_>, credentials: &Credentials) -> anyhow::Result<PathBuf> {
        let hosts = hosts(plan.listen);
        self.write_certificate(&hosts)?;
        self.write_people(credentials)?;
        let file = self.path.join("vestibule.toml");
        write_private(&file, &configuration(plan, &hosts))?;
        Ok(file)
    }

    /// A certificate for these hosts; the one of the last time if it was made for the same.
    fn write_certificate(&self, hosts: &[String]) -> anyhow::Result<()> {
        let folder = self.path.join("tls");
        let note = folder.join("hosts");
        let text = hosts.join("\n");
        if fs::read_to_string(&note).is_ok_and(|made_for| made_for == text) {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let names: Vec<_> = hosts.iter().map(String::as_str).collect();
        let made = self_signed(&names)?;
        write_private(&folder.join("chain.pem"), &made.chain)?;
        write_private(&folder.join("key.pem"), &made.key)?;
        write_private(&note, &text)
    }

    /// The one person. Left alone once written: a new hash of the same password would end sessions and trusts.
    fn write_people(&self, credentials: &Credentials) -> anyhow::Result<()> {
        let path = self.path.join("users.toml");
        if path.exists() {
            return Ok(());
        }
        let hash = password::hash(&credentials.password, &OsEntropy);
        let text = format!(
            "[[user]]\nname = {}\ndisplay_name = \"Demo Visitor\"\nemail = \"demo@example.com\"\ngroups = [\"office\"]\n\
             password = {}\n",
            quoted(&credentials.user),
            quoted(hash.as_str()),
        );
        write_private(&path, &text)
    }
}

/// A folder that is there already must be the demo's own: files of a real gateway would be overwritten, and files that
/// somebody else put there would be believed.
fn refuse_others(path: &Path) -> anyhow::Result<()> {
    let cannot = || format!("the folder {} cannot be read", path.display());
    let is_empty = fs::read_dir(path).with_context(cannot)?.next().is_none();
    if !is_empty && !path.join("demo.toml").is_file() {
        bail!(
            "the folder {} holds files of something else; name an empty one, a new one, or one of an earlier demo",
            path.display()
        );
    }
    let about = fs::metadata(path).with_context(cannot)?;
    if about.uid() != rustix::process::geteuid().as_raw() || about.mode() & 0o022 != 0 {
        bail!("others may write into the folder {}; name one that is yours alone", path.display());
    }
    Ok(())
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nobody is left to tell.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The names under which the listening address can be reached.
fn hosts(listen: SocketAddr) -> Vec<String> {
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).to_vec();
    let ip = listen.ip();
    let mut more = Vec::new();
    if ip.is_unspecified() {
        // The machine's own name and address are how others in the same network find it.
        more.push(rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase());
        more.extend(own_address(ip).map(host_of));
    } else {
        more.push(host_of(ip));
    }
    for host in more {
        if Host::read(&host).is_some() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

/// An address as it stands in a URL.
pub(super) fn host_of(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// The address by which this machine would speak to the rest of the world, if it can. Nothing is sent.
pub(super) fn own_address(listening: IpAddr) -> Option<IpAddr> {
    // Addresses for documentation (RFC 5737, RFC 3849): routed like any other, and nobody's.
    let elsewhere = if listening.is_ipv4() { "192.0.2.1:9" } else { "[2001:db8::1]:9" };
    let socket = UdpSocket::bind(SocketAddr::new(listening, 0)).ok()?;
    socket.connect(elsewhere).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

fn configuration(plan: &Plan<'_>, hosts: &[String]) -> String {
    let hosts = hosts.iter().map(|host| quoted(host)).collect::<Vec<_>>().join(", ");
    let public = if plan.is_sample { PUBLIC_RULE } else { "" };
    let test = if plan.is_sample { PUBLIC_TEST } else { "" };
    format!(
        r#"# Written anew by every "vestibule demo": a start for a file of your own.
[server]
https = [{listen}]
internal = "off"
socket = "run/vestibule.sock"

[tls]
certificates = [{{ chain = "tls/chain.pem", key = "tls/key.pem" }}]

[store]
url = "sqlite:vestibule.db"

[log]
audit = "audit.log"

[[directory]]
kind = "file"
path = "users.toml"

[[portal]]
name = "demo"
title = "Demo portal"
issuer = "Vestibule demo"
hosts = [{hosts}]
upstream = {upstream}
{public}
[[portal.rule]]
path = "/**"
policy = "two_factor"

[[test]]
url = "https://localhost/"
user = "demo"
expect = "two_factor"
{test}"#,
        listen = quoted(&plan.listen.to_string()),
        upstream = quoted(plan.upstream),
    )
}

const PUBLIC_RULE: &str = r#"
[[portal.rule]]
path = "/public/**"
policy = "bypass"
"#;

const PUBLIC_TEST: &str = r#"
[[test]]
url = "https://localhost/public/"
expect = "bypass"
"#;

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn letters(count: usize) -> String {
    let mut bytes = vec![0; count];
    OsEntropy.fill(&mut bytes);
    // 32 letters: each five bits are one, none more likely than another.
    bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte & 31)))
        .map(|&letter| char::from(letter))
        .collect()
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Files};

    fn plan(is_sample: bool) -> Plan<'static> {
        Plan { listen: "127.0.0.1:8443".parse().unwrap(), upstream: "http://127.0.0.1:3000", is_sample }
    }

    #[test]
    fn what_the_demo_writes_has_no_problem_and_passes_its_own_tests() {
        for is_sample in [true, false] {
            let place = tempfile::tempdir().unwrap();
            let folder = Folder::open(Some(place.path())).unwrap();
            let credentials = folder.credentials().unwrap();
            let file = folder.write(&plan(is_sample), &credentials).unwrap();
            let loaded = config::load(&file, Files::Checked);
            assert_eq!(loaded.report(config::Color::Plain), "");
            let tests = config::policy_tests::run(&loaded.settings.unwrap());
            assert!(tests.iter().all(|test| test.passed()), "{tests:?}");
        }
    }

    #[test]
    fn a_kept_folder_knows_the_same_person_and_certificate() {
        let place = tempfile::tempdir().unwrap();
        let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
        let folder = Folder::open(Some(place.path())).unwrap();
        let first = folder.credentials().unwrap();
        folder.write(&plan(true), &first).unwrap();
        let (people, chain) = (read("users.toml"), read("tls/chain.pem"));
        let second = folder.credentials().unwrap();
        folder.write(&plan(false), &second).unwrap();
        assert_eq!((second.password, second.key), (first.password, first.key));
        assert_eq!((read("users.toml"), read("tls/chain.pem")), (people, chain));
    }

    #[test]
    fn files_of_something_else_are_left_alone() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("vestibule.toml"), "[server]").unwrap();
        let refused = Folder::open(Some(place.path())).err().unwrap().to_string();
        assert!(refused.contains("holds files of something else"), "{refused}");
        fs::write(place.path().join("demo.toml"), "").unwrap();
        assert!(Folder::open(Some(place.path())).is_ok());
    }

    #[test]
    fn a_folder_others_may_write_into_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o770)).unwrap();
        let refused = Folder::open(Some(place.path())).err().unwrap().to_string();
        assert!(refused.contains("others may write"), "{refused}");
    }

    #[test]
    fn a_fresh_folder_is_gone_at_the_end() {
        let folder = Folder::open(None).unwrap();
        let path = folder.path.clone();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn an_address_of_its_own_is_a_host_too() {
        assert_eq!(hosts("192.0.2.7:8443".parse().unwrap()).last().unwrap(), "192.0.2.7");
        assert_eq!(hosts("[2001:db8::7]:8443".parse().unwrap()).last().unwrap(), "[2001:db8::7]");
        assert_eq!(hosts("127.0.0.2:8443".parse().unwrap()).last().unwrap(), "127.0.0.2");
        assert_eq!(hosts("127.0.0.1:8443".parse().unwrap()).len(), 3);
        assert_eq!(hosts("[::1]:8443".parse().unwrap()).len(), 3);
    }
}
