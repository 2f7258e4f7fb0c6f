//! A pairing number in the wizard: the key that a first code is checked with may be an authenticator page's.

use super::{
    codes::{JudgedPair, judge_first, judge_linked},
    fault::Fault,
    visit::Visit,
};
use crate::{
    domain::{
        factor::{CodeVerdict, PageKey, TotpKey},
        login::{Login, Proof},
        pairing::{Candidate, PairedWith, Pairing, PairingNumber},
    },
    store::Stored,
};

/// Which app a form is about.
pub(super) enum Shown {
    /// The one that was given the key of the QR code.
    Own(TotpKey),
    /// A page of ours that waits with the number that was typed.
    Page(Box<Candidate>),
    /// A page that shows a number nobody is shown here now.
    Unknown,
    /// What was typed is no such number.
    Unreadable,
}

impl Shown {
    /// The page that waits with the number `typed`; the app with the `own` key where none is asked for. A page is paired at
    /// the portal it belongs to, and nowhere else.
    pub(super) async fn find(visit: &Visit, own: TotpKey, typed: Option<&str>) -> Stored<Self> {
        let Some(typed) = typed else { return Ok(Self::Own(own)) };
        let Some(number) = PairingNumber::read(typed) else { return Ok(Self::Unreadable) };
        let waiting = visit.services.store.pairings().recall_pairing(&number.hash()).await?;
        let candidate = waiting.and_then(|pairing| pairing.candidate(visit.now));
        let here = candidate.filter(|candidate| candidate.page.portal == visit.portal().name);
        Ok(here.map_or(Self::Unknown, |candidate| Self::Page(Box::new(candidate))))
    }

    /// Checks the codes of a form against it. A wrong number costs a try as a wrong code does, in the same gate.
    pub(super) async fn judge(
        &self,
        visit: &Visit,
        login: &Login,
        proof: Proof,
        (typed, typed_sent): (&str, &str),
    ) -> Result<JudgedPair, Fault> {
        let key = match self {
            Self::Own(key) => key,
            Self::Page(candidate) => &candidate.key,
            Self::Unknown => return judge_linked(visit, login, proof, CodeVerdict::Wrong, typed_sent).await,
            Self::Unreadable => {
                return judge_linked(visit, login, proof, CodeVerdict::Malformed, typed_sent).await;
            }
        };
        judge_first(visit, login, (key, proof), (typed, typed_sent)).await
    }

    /// Whether the number is what is wrong.
    pub(super) fn is_wrong(&self) -> bool {
        matches!(self, Self::Unknown | Self::Unreadable)
    }

    /// The key, and the page if it is one; `None` where the number was wrong.
    pub(super) fn into_key(self) -> Option<(TotpKey, Option<Box<Candidate>>)> {
        match self {
            Self::Own(key) => Some((key, None)),
            Self::Page(candidate) => Some((candidate.key.clone(), Some(candidate))),
            Self::Unknown | Self::Unreadable => None,
        }
    }
}

/// Uses up the number of a page that becomes an app. `None`: somebody was faster.
pub(super) async fn claim(visit: &Visit, candidate: Candidate, with: &PairedWith) -> Stored<Option<PageKey>> {
    let (now, until) = (visit.now, Pairing::told_until(visit.now));
    let is_ours = visit.services.store.pairings().claim_pairing(&candidate.number, with, now, until).await?;
    Ok(is_ours.then_some(candidate.page))
}
