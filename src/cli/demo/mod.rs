//! `vestibule demo`: a gateway at once, before a sample portal or the operator's own.
//!
//! Writes the files an operator would write and then goes the way of `serve`: nothing here is special. The sample portal is
//! an ordinary upstream on a loopback port.

mod card;
mod folder;
mod portal;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use clap::Args;

use self::folder::{Folder, Plan};
use super::{exit::Exit, gatehouse::Gatehouse, output};
use crate::{
    domain::{factor::TotpFactor, identity::UserId},
    store::Linking,
    telemetry::log::Lines,
};

/// Runs a gateway at once: self-signed certificate, a sample portal (or yours), one person with a linked app.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The portal to put it before, as in "http://127.0.0.1:8080"; a built-in sample portal if left out.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Where visitors connect.
    #[arg(long, value_name = "ADDR", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)))]
    listen: SocketAddr,
    /// A folder to keep, so that a restart knows the same person; else everything is forgotten at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let folder = Folder::open(self.data.as_deref())?;
        let sample = match &self.upstream {
            Some(_) => None,
            None => Some(portal::start()?),
        };
        let upstream = match (&self.upstream, sample) {
            (Some(url), _) => url.clone(),
            (None, Some(address)) => format!("http://{address}"),
            (None, None) => String::new(),
        };
        let credentials = folder.credentials()?;
        let plan = Plan { listen: self.listen, upstream: &upstream, is_sample: sample.is_some() };
        let file = folder.write(&plan, &credentials)?;
        let house = Gatehouse::open(&file, Lines::File(&folder.log()))?;
        let is_linked = house.wait_for(link_app(&house, &credentials))?;
        let listening = house.addresses().first().copied().unwrap_or(self.listen);
        output::say(&card::draw(&card::Facts {
            address: address(listening),
            upstream: self.upstream.as_deref(),
            credentials: &credentials,
            is_linked,
            config: &file,
            log: &folder.log(),
            is_kept: self.data.is_some(),
        }));
        house.run()?;
        Ok(Exit::Fine)
    }
}

/// Links the app whose secret is printed, once. `false`: the person has linked another one since.
async fn link_app(house: &Gatehouse, credentials: &folder::Credentials) -> anyhow::Result<bool> {
    let services = house.services();
    let person = UserId::new(&credentials.user);
    let account = services.store.account(&person).await?;
    if account.is_enrolled() {
        return Ok(account.totp.iter().any(|app| app.key == credentials.key));
    }
    let now = services.clock.now();
    let factor = TotpFactor {
        id: services.draw_id(now),
        person,
        label: "Demo".to_owned(),
        key: credentials.key.clone(),
        added_at: now,
        last_used: None,
        last_step: 0,
        page: None,
    };
    services.store.add_totp(factor, Linking::Another, None).await?;
    Ok(true)
}

/// What to type into a browser. A certificate names `localhost`, and every browser here knows who that is.
fn address(listening: SocketAddr) -> String {
    let (ip, port) = (listening.ip(), listening.port());
    let local = format!("https://localhost:{port}/");
    if ip.is_unspecified() {
        let elsewhere = folder::own_address(ip).map(folder::host_of);
        return elsewhere.map_or(local.clone(), |host| format!("{local} (elsewhere https://{host}:{port}/)"));
    }
    // `localhost` is the first loopback address of each kind, and no other.
    if ip == IpAddr::V4(Ipv4Addr::LOCALHOST) || ip == IpAddr::V6(Ipv6Addr::LOCALHOST) {
        return local;
    }
    format!("https://{listening}/")
}

/// A path for people: absolute, so that it can be used from anywhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_printed_address_is_one_that_answers() {
        for (listening, printed) in [
            ("127.0.0.1:8443", "https://localhost:8443/"),
            ("[::1]:8443", "https://localhost:8443/"),
            ("127.0.0.2:8443", "https://127.0.0.2:8443/"),
            ("192.0.2.7:443", "https://192.0.2.7:443/"),
        ] {
            assert_eq!(address(listening.parse().unwrap()), printed);
        }
        assert!(address("0.0.0.0:8443".parse().unwrap()).starts_with("https://localhost:8443/"));
    }
}
