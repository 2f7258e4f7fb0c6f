//! Threat 67: exact origin, host, unlocked by the user, challenge once, counter, user handle.

use super::{Ceremony, Refusal, Registrant, RelyingParty, soft::SoftPasskey};
use crate::domain::{factor::Passkey, identity::UserId, time::Timestamp, token::RecordId};

const ORIGIN: &str = "https://wiki.example.com:8443";

fn party() -> RelyingParty {
    RelyingParty::at("wiki.example.com:8443", "Wiki").unwrap()
}

fn ann() -> UserId {
    UserId::new("ann")
}

fn ask_new(party: &RelyingParty) -> (String, Ceremony) {
    let who = Registrant { id: &ann(), handle: [7; 16], name: "ann", display_name: "Ann" };
    party.ask_new(&who, &[]).unwrap()
}

/// A passkey of Ann's and the record of it.
fn registered() -> (SoftPasskey, Passkey) {
    let (options, ceremony) = ask_new(&party());
    let (soft, answer) = SoftPasskey::make(ORIGIN, &options);
    let made = party().register(&ceremony, &answer).unwrap();
    let passkey = Passkey {
        id: RecordId::from_text("p1"),
        person: ann(),
        host: made.host,
        label: "laptop".to_owned(),
        credential_id: made.credential_id,
        handle: made.handle,
        credential: made.credential,
        added_at: Timestamp::from_unix(0),
        last_used: None,
    };
    (soft, passkey)
}

/// What an answer to a question for an owner, and to one for anybody, comes to.
fn judged(soft: &SoftPasskey, passkey: &Passkey) -> [Option<Refusal>; 2] {
    let asked = [party().ask_owner(std::slice::from_ref(passkey)), party().ask_anybody()];
    asked.map(|asked| {
        let (options, ceremony) = asked.unwrap();
        let answer = soft.clone().answer(&options);
        party().prove(ceremony, &answer, passkey).err()
    })
}

#[test]
fn a_passkey_answers_for_its_owner_and_says_who_they_are() {
    let (soft, passkey) = registered();
    assert_eq!(passkey.host, "wiki.example.com");
    assert_eq!(judged(&soft, &passkey), [None, None]);
}

#[test]
fn the_options_name_the_host_alone_and_demand_unlocking() {
    let (options, _) = ask_new(&party());
    let options: serde_json::Value = serde_json::from_str(&options).unwrap();
    assert_eq!(options["publicKey"]["rp"]["id"], "wiki.example.com");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "preferred");
    // The handle says nothing of the name.
    assert!(!options["publicKey"]["user"]["id"].as_str().unwrap().contains("ann"));
}

#[test]
fn only_the_exact_origin_counts() {
    let (soft, passkey) = registered();
    for origin in [
        "https://wiki.example.com",
        "https://wiki.example.com:8444",
        "http://wiki.example.com:8443",
        "https://badwiki.example.com:8443",
        "https://a.wiki.example.com:8443",
        "https://wiki.example.com.evil.example:8443",
        "https://example.com:8443",
    ] {
        let there = SoftPasskey { origin: origin.to_owned(), ..soft.clone() };
        assert_eq!(judged(&there, &passkey), [Some(Refusal::Wrong); 2], "{origin}");
        let (options, ceremony) = ask_new(&party());
        let (_, answer) = SoftPasskey::make(origin, &options);
        assert_eq!(party().register(&ceremony, &answer).err(), Some(Refusal::Wrong), "{origin}");
    }
}

#[test]
fn a_passkey_signs_for_its_own_host_only() {
    let (soft, passkey) = registered();
    let other = SoftPasskey { host: "example.com".to_owned(), ..soft.clone() };
    assert_eq!(judged(&other, &passkey), [Some(Refusal::Wrong); 2]);
    let elsewhere = Passkey { host: "notes.example.com".to_owned(), ..passkey };
    assert_eq!(judged(&soft, &elsewhere), [Some(Refusal::Wrong); 2]);
}

#[test]
fn a_passkey_nobody_unlocked_does_not_count() {
    let (soft, passkey) = registered();
    let locked = SoftPasskey { unlocked: false, ..soft };
    assert_eq!(judged(&locked, &passkey), [Some(Refusal::Wrong); 2]);
}

#[test]
fn an_answer_to_another_challenge_does_not_count() {
    let (mut soft, passkey) = registered();
    let (old, _) = party().ask_anybody().unwrap();
    let (_, ceremony) = party().ask_anybody().unwrap();
    let answer = soft.answer(&old);
    assert_eq!(party().prove(ceremony, &answer, &passkey).err(), Some(Refusal::Wrong));
}

#[test]
fn a_counter_that_does_not_go_on_is_a_copy() {
    let (mut soft, mut passkey) = registered();
    for (counter, refusal) in
        [(0, None), (4, None), (4, Some(Refusal::Cloned)), (0, Some(Refusal::Cloned)), (5, None)]
    {
        soft.counter = counter;
        let (options, ceremony) = party().ask_anybody().unwrap();
        let outcome = party().prove(ceremony, &soft.answer(&options), &passkey);
        assert_eq!(outcome.as_ref().err().copied(), refusal, "from {counter}");
        if let Ok(proven) = outcome {
            assert_eq!(proven.from, passkey.credential);
            passkey.credential = proven.to;
        }
    }
}

#[test]
fn a_copy_is_found_out_by_an_old_question_too() {
    let (mut soft, mut passkey) = registered();
    let mut copy = soft.clone();
    let (old, kept) = party().ask_owner(std::slice::from_ref(&passkey)).unwrap();
    let (options, ceremony) = party().ask_owner(std::slice::from_ref(&passkey)).unwrap();
    passkey.credential = party().prove(ceremony, &soft.answer(&options), &passkey).unwrap().to;
    assert_eq!(party().prove(kept, &copy.answer(&old), &passkey).err(), Some(Refusal::Cloned));
}

#[test]
fn a_handle_of_somebody_else_does_not_count() {
    let (soft, passkey) = registered();
    let other = SoftPasskey { handle: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(), ..soft };
    assert_eq!(judged(&other, &passkey), [Some(Refusal::Wrong); 2]);
}

#[test]
fn a_passkey_of_somebody_else_does_not_answer_for_this_person() {
    let (mut soft, passkey) = registered();
    let bobs = Passkey { person: UserId::new("bob"), ..passkey.clone() };
    let (options, ceremony) = party().ask_owner(&[bobs]).unwrap();
    assert_eq!(party().prove(ceremony, &soft.answer(&options), &passkey).err(), Some(Refusal::Wrong));
}

#[test]
fn a_question_for_a_new_passkey_is_not_answered_by_an_old_one() {
    let (mut soft, passkey) = registered();
    let (options, ceremony) = ask_new(&party());
    let answer = soft.answer(&options);
    assert_eq!(party().register(&ceremony, &answer).err(), Some(Refusal::Malformed));
    assert_eq!(party().prove(ceremony, &answer, &passkey).err(), Some(Refusal::Wrong));
}

#[test]
fn what_is_no_answer_is_refused() {
    let (_, passkey) = registered();
    for text in ["", "{}", "[]", "null", &"[".repeat(5000)] {
        let (_, ceremony) = party().ask_anybody().unwrap();
        assert_eq!(party().credential_id(text), None);
        assert_eq!(party().prove(ceremony, text, &passkey).err(), Some(Refusal::Malformed));
    }
}

#[test]
fn bare_addresses_have_no_passkeys() {
    for (authority, has) in [
        ("wiki.example.com", true),
        ("localhost:8443", true),
        ("192.0.2.7:8443", false),
        ("[2001:db8::7]", false),
    ] {
        assert_eq!(RelyingParty::at(authority, "Wiki").is_some(), has, "{authority}");
    }
}
