//! What an authenticator page signs, and the questions it signs against.
//!
//! A page proves that it holds its key by signing a question of ours, each good once and for a short while, so that nothing
//! it ever signed can be used again. The texts are written down in `docs/authenticator.md`.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::domain::{
    approval::{Approval, Said},
    factor::PageSigner,
    time::{Timestamp, minutes},
    token::{RecordId, TokenHash},
};

/// The first line of everything a page signs.
const HEAD: &str = "vestibule authenticator 1";
/// How long a question may wait for its answer.
const MINUTES: u64 = 2;

/// Where and against what something is signed.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The host of the page, as browsers write it.
    pub host: &'a str,
    /// The app that the page is.
    pub app: &'a RecordId,
    /// The question.
    pub question: &'a str,
}

/// What a page signs to be told what it is asked. No part holds a line break: hosts, ids and names of portals have none.
pub fn requests_text(ground: Ground<'_>) -> String {
    text("requests", ground, &[])
}

/// What a page signs to answer `approval`.
pub fn answer_text(ground: Ground<'_>, approval: &Approval, said: Said) -> String {
    let (word, number) = match said {
        Said::Approve(number) => ("approve", number.as_u8().to_string()),
        Said::NotMe => ("refuse", String::new()),
    };
    let asked = approval.asked_at.unix().to_string();
    text("answer", ground, &[approval.id.as_str(), &approval.portal, &asked, word, &number])
}

fn text(purpose: &str, ground: Ground<'_>, rest: &[&str]) -> String {
    let head = [HEAD, purpose, ground.host, ground.app.as_str(), ground.question];
    head.iter().chain(rest).copied().collect::<Vec<_>>().join("\n")
}

/// Whether `signature` (r and s, 32 bytes each) is the signer's under `text`.
pub fn is_signed(signer: &PageSigner, text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, signer.bytes())
        .verify(text.as_bytes(), signature)
        .is_ok()
}

/// Questions that wait for their answer: one for each app at most, so that no flood makes the table grow beyond the apps.
#[derive(Debug, Default)]
pub struct Questions(Mutex<HashMap<RecordId, (TokenHash, Timestamp)>>);

impl Questions {
    /// Keeps the hash of a question to `app`. The one before it is void.
    pub fn keep(&self, app: &RecordId, question: TokenHash, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, (_, ends_at)| now < *ends_at);
        table.insert(app.clone(), (question, now.after(minutes(MINUTES))));
    }

    /// Uses up a question: `true` if it is the one that waits for this app.
    pub fn take(&self, app: &RecordId, question: &TokenHash, now: Timestamp) -> bool {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((kept, ends_at)) = table.get(app).copied() else { return false };
        // Another's guess does not use it up: only who was told it can.
        if kept != *question {
            return false;
        }
        table.remove(app);
        now < ends_at
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    fn hash(n: u8) -> TokenHash {
        TokenHash::from_bytes([n; 32])
    }

    #[test]
    fn a_signature_is_good_for_its_own_key_and_text() {
        let make = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (pair, other) = (make(), make());
        let signer = |pair: &EcdsaKeyPair| PageSigner::read(pair.public_key().as_ref()).unwrap();
        let app = RecordId::from_text("app");
        let ground = Ground { host: "wiki.example.com", app: &app, question: "q" };
        let text = requests_text(ground);
        assert_eq!(text, "vestibule authenticator 1\nrequests\nwiki.example.com\napp\nq");
        let signature = pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        assert!(is_signed(&signer(&pair), &text, signature.as_ref()));
        assert!(!is_signed(&signer(&other), &text, signature.as_ref()));
        for changed in [
            requests_text(Ground { host: "notes.example.com", ..ground }),
            requests_text(Ground { question: "r", ..ground }),
        ] {
            assert!(!is_signed(&signer(&pair), &changed, signature.as_ref()));
        }
        assert!(!is_signed(&signer(&pair), &text, &[]) && !is_signed(&signer(&pair), &text, &[0; 64]));
        // A point that is not on the curve verifies nothing, and breaks nothing.
        let mut astray = [7; 65];
        astray[0] = 4;
        assert!(!is_signed(&PageSigner::read(&astray).unwrap(), &text, signature.as_ref()));
    }

    #[test]
    fn a_question_is_answered_once_in_time_by_the_app_it_was_put_to() {
        let (table, app, other) = (Questions::default(), RecordId::from_text("a"), RecordId::from_text("b"));
        table.keep(&app, hash(1), NOW);
        assert!(!table.take(&other, &hash(1), NOW));
        assert!(!table.take(&app, &hash(2), NOW));
        assert!(table.take(&app, &hash(1), NOW));
        assert!(!table.take(&app, &hash(1), NOW));
        table.keep(&app, hash(1), NOW);
        table.keep(&app, hash(2), NOW);
        assert!(!table.take(&app, &hash(1), NOW), "a newer one voids it");
        for (after, is_good) in [(119, true), (120, false)] {
            table.keep(&app, hash(3), NOW);
            assert_eq!(table.take(&app, &hash(3), NOW.after(std::time::Duration::from_secs(after))), is_good);
        }
    }
}
