//! Handing a sign-in over from the portal that holds it to another one, in the same browser.
//!
//! The other portal gave the browser a secret and told only a hash of it; what comes back is good once, for seconds, for that
//! secret, at that host, in the network and with the kind of browser that were at both ends. A portal's service worker sees
//! every address that its visitors go to: what it passes on to somebody elsewhere must open nothing there. The session that
//! is opened is never better than the one it comes from.

use std::{net::IpAddr, time::Duration};

use super::Grant;
use crate::domain::{
    facts::{Host, ReturnTo},
    session::Session,
    time::Timestamp,
    token::{RecordId, Token, TokenHash},
    trust::shared_network,
};

/// How long a code waits to be redeemed: the way is one redirect, or one press where the browser follows none by itself.
const WAITING: Duration = Duration::from_secs(30);

/// A browser at one end of the way.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Where its request comes from.
    pub client: IpAddr,
    /// What it calls itself.
    pub agent: &'a str,
}

impl End<'_> {
    /// Whether nothing tells the two apart. An address of IPv4 is never taken for one of IPv6: whoever reaches one host by
    /// this and the other by that signs in twice, since nothing shows that they are the same.
    fn is_same(self, other: End<'_>) -> bool {
        shared_network(self.client) == shared_network(other.client) && self.agent == other.agent
    }
}

/// What the other portal tells of the secret it gave: a hash of it that is right for that host, from that end, alone.
pub fn challenge(secret: &Token, host: &Host, from: End<'_>) -> TokenHash {
    let place = format!("{host}\0{}\0{}", shared_network(from.client), from.agent);
    secret.mixed_with(b"vestibule hand-over\0", place.as_bytes())
}

/// What a code stands for: whoever shows it must hold the secret, there, in time, and be where the browser was that fetched it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandOver {
    /// What the other portal told of the secret.
    pub challenge: TokenHash,
    /// The other portal.
    pub portal: String,
    /// The host of it that asked.
    pub host: Host,
    /// Where the browser was that fetched the code.
    pub client: IpAddr,
    /// What that browser calls itself.
    pub agent: String,
    /// When the code was made.
    pub made_at: Timestamp,
}

/// Who shows a code, and where.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The secret that the browser holds.
    pub secret: Option<&'a Token>,
    /// The portal.
    pub portal: &'a str,
    /// Its host.
    pub host: &'a Host,
    /// The browser.
    pub from: End<'a>,
    /// When.
    pub now: Timestamp,
}

/// Why a code opens nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotHandedOver {
    /// There is none like it: never made, or used.
    Unknown,
    /// This browser did not ask for it.
    OtherBrowser,
    /// It was made for another portal, or another host of it.
    OtherPortal,
    /// It was fetched from another network, or by another kind of browser.
    OtherPlace,
    /// Something answers for the browser, or passes on what it asks.
    NotItself,
    /// Its time is over.
    Expired,
    /// The session it comes from has ended, or its person may not sign in any more.
    Ended,
    /// The portal does not sign people in the way the session began.
    OtherWay,
    /// The session stands on a PIN, which is good on its own host only.
    PinOnly,
}

impl NotHandedOver {
    /// For the audit log.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Unknown => "no such code, or it was used",
            Self::OtherBrowser => "another browser asked for it",
            Self::OtherPortal => "it was made for another portal",
            Self::OtherPlace => "it was fetched from another network or by another kind of browser",
            Self::NotItself => "no visitor went there in a window of their own",
            Self::Expired => "its time was over",
            Self::Ended => "the sign-in it came from has ended",
            Self::OtherWay => "the portal signs nobody in that way",
            Self::PinOnly => "the sign-in stands on a PIN alone",
        }
    }
}

impl HandOver {
    /// Whether it is redeemed where and by whom it was made for, in time.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, shown: Shown<'_>) -> Result<(), NotHandedOver> {
        if self.portal != shown.portal || self.host != *shown.host {
            return Err(NotHandedOver::OtherPortal);
        }
        if !shown.from.is_same(End { client: self.client, agent: &self.agent }) {
            return Err(NotHandedOver::OtherPlace);
        }
        let secret = shown.secret.ok_or(NotHandedOver::OtherBrowser)?;
        if challenge(secret, shown.host, shown.from) != self.challenge {
            return Err(NotHandedOver::OtherBrowser);
        }
        if shown.now >= self.ends_at() {
            return Err(NotHandedOver::Expired);
        }
        Ok(())
    }

    /// When its time is over.
    pub fn ends_at(&self) -> Timestamp {
        self.made_at.after(WAITING)
    }
}

/// The session that a sign-in was handed over from, and what it sets a limit to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Home {
    pub id: RecordId,
    pub ends_at: Timestamp,
}

impl Home {
    /// The session at home itself.
    pub(in crate::domain) fn of(home: &Session) -> Self {
        Self { id: home.id.clone(), ends_at: home.ends_at }
    }
}

impl Grant {
    /// The sign-in of the live session `home`, for another portal: the same factors, shown when they were shown, and over
    /// no later. None for what may not be handed on: a session that was itself handed over, or stands on a PIN alone.
    ///
    /// # Errors
    /// Why not.
    pub fn handed_over(
        home: &Session,
        portal: &str,
        return_to: ReturnTo,
        address: IpAddr,
        agent: &str,
    ) -> Result<Self, NotHandedOver> {
        if home.leans_on_device() {
            return Err(NotHandedOver::PinOnly);
        }
        if home.handed_from.is_some() || home.portal == portal {
            return Err(NotHandedOver::OtherPortal);
        }
        Ok(Self {
            person: home.person.clone(),
            portal: portal.to_owned(),
            return_to,
            first: home.first,
            first_factor_at: home.opened_at,
            passed: home.passed,
            device: home.device.clone(),
            credential: home.credential,
            address,
            agent: agent.to_owned(),
            replaces: None,
            home: Some(Home::of(home)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::Entropy;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    const NOW: Timestamp = Timestamp::from_unix(1_795_000_000);

    fn host(name: &str) -> Host {
        Host::read(name).unwrap()
    }

    fn end<'a>(client: &str, agent: &'a str) -> End<'a> {
        End { client: client.parse().unwrap(), agent }
    }

    /// What became of a code that was asked from one end, fetched from a second and shown from a third.
    fn shown(asked: End<'_>, fetched: End<'_>, from: End<'_>) -> Result<(), NotHandedOver> {
        let secret = Token::draw(&Fixed(1));
        let made = HandOver {
            challenge: challenge(&secret, &host("wiki.example"), asked),
            portal: "wiki".to_owned(),
            host: host("wiki.example"),
            client: fetched.client,
            agent: fetched.agent.to_owned(),
            made_at: NOW,
        };
        let (secret, host) = (Some(&secret), &host("wiki.example"));
        made.check(Shown { secret, portal: "wiki", host, from, now: NOW })
    }

    #[test]
    fn a_code_is_shown_from_the_network_and_browser_that_were_at_both_ends() {
        let here = end("192.0.2.7", "Firefox");
        assert_eq!(shown(here, here, here), Ok(()));
        assert_eq!(shown(here, end("::ffff:192.0.2.7", "Firefox"), here), Ok(()));
        for other in ["192.0.2.8", "198.51.100.7", "2001:db8::7"] {
            let there = end(other, "Firefox");
            assert_eq!(shown(here, there, here), Err(NotHandedOver::OtherPlace), "{other}");
            assert_eq!(shown(there, here, there), Err(NotHandedOver::OtherPlace), "{other}");
            assert_eq!(shown(there, here, here), Err(NotHandedOver::OtherBrowser), "{other}");
        }
        let chrome = end("192.0.2.7", "Chrome");
        assert_eq!(shown(here, chrome, here), Err(NotHandedOver::OtherPlace));
        assert_eq!(shown(chrome, here, here), Err(NotHandedOver::OtherBrowser));
        let (six, neighbour) = (end("2001:db8:1:2::1", "Firefox"), end("2001:db8:1:2:ffff::1", "Firefox"));
        assert_eq!(shown(six, neighbour, six), Ok(()));
        assert_eq!(shown(six, end("2001:db8:1:3::1", "Firefox"), six), Err(NotHandedOver::OtherPlace));
    }

    #[test]
    fn another_host_of_the_same_portal_is_not_the_one_that_asked() {
        let (secret, here) = (Token::draw(&Fixed(1)), end("192.0.2.7", "Firefox"));
        let made = HandOver {
            challenge: challenge(&secret, &host("wiki.example"), here),
            portal: "wiki".to_owned(),
            host: host("wiki.example"),
            client: here.client,
            agent: here.agent.to_owned(),
            made_at: NOW,
        };
        let check = |portal, name, now| {
            made.check(Shown { secret: Some(&secret), portal, host: &host(name), from: here, now })
        };
        assert_eq!(check("wiki", "wiki.example", NOW.after(Duration::from_secs(29))), Ok(()));
        assert_eq!(check("wiki", "wiki.example", NOW.after(WAITING)), Err(NotHandedOver::Expired));
        assert_eq!(check("wiki", "wiki2.example", NOW), Err(NotHandedOver::OtherPortal));
        assert_eq!(check("lab", "wiki.example", NOW), Err(NotHandedOver::OtherPortal));
    }
}
