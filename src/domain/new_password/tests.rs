use super::*;
use crate::domain::{
    identity::{CredentialMark, Origin, RequirementSource, UserId},
    kept::MOST_NAME,
};

fn anna(requirement: Requirement) -> Person {
    let id = UserId::new("a.arndt");
    Person {
        credential: CredentialMark::of(&id, None),
        id,
        name: "a.arndt".to_owned(),
        display_name: "Anna Arndt".to_owned(),
        email: Some("anna.arndt@speditionnord.example".to_owned()),
        phone: None,
        groups: Vec::new(),
        password: None,
        requirement,
        requirement_source: RequirementSource::Everybody,
        disabled: false,
        closed_group: None,
        origin: Origin::Store,
    }
}

fn judge(typed: &str, requirement: Requirement) -> Result<(), Unfit> {
    let rules = PasswordRules::of(&anna(requirement), &["Fahrtenbuch", "touren.example.com"]);
    NewPassword::read(typed, &rules).map(|_| ())
}

/// Beside a second factor, where length alone refuses the least.
fn beside(typed: &str) -> Result<(), Unfit> {
    judge(typed, Requirement::Required)
}

#[test]
fn beside_a_second_factor_eight_characters_do_and_alone_fifteen() {
    assert_eq!(beside("kx7 rwq"), Err(Unfit::TooShort(8)));
    assert_eq!(beside("kx7 rwqf"), Ok(()));
    for alone in [Requirement::Off, Requirement::Optional] {
        assert_eq!(judge("kx7 rwqf hm2 o", alone), Err(Unfit::TooShort(15)));
        assert_eq!(judge("kx7 rwqf hm2 oz", alone), Ok(()));
    }
}

#[test]
fn two_hundred_and_fifty_six_characters_are_taken_whole_and_one_more_is_refused() {
    let long: String = "wörter und nochmehr zahlen 8264 ".chars().cycle().take(LONGEST).collect();
    let rules = PasswordRules::of(&anna(Requirement::Off), &[]);
    assert_eq!(NewPassword::read(&long, &rules).unwrap().reveal(), long);
    assert_eq!(NewPassword::read(&format!("{long}x"), &rules).err(), Some(Unfit::TooLong));
}

#[test]
fn blanks_and_every_script_count_and_the_same_keys_give_the_same_password() {
    let rules = PasswordRules::of(&anna(Requirement::Required), &[]);
    assert_eq!(NewPassword::read(" kx7 rwq", &rules).unwrap().reveal(), " kx7 rwq");
    assert!(NewPassword::read("пароль для всех", &rules).is_ok());
    assert!(NewPassword::read("四つの馬と電池と紙", &rules).is_ok());
    let (composed, decomposed) = ("gr\u{fc}ne \u{c4}pfel", "gru\u{308}ne A\u{308}pfel");
    assert_eq!(NewPassword::read(composed, &rules), NewPassword::read(decomposed, &rules));
    // Measured as it is kept: eight marks on four letters are four characters.
    assert_eq!(NewPassword::read("u\u{308}o\u{308}a\u{308}e\u{308}", &rules).err(), Some(Unfit::TooShort(8)));
}

#[test]
fn what_everybody_tries_first_is_refused_however_it_is_dressed_up() {
    for common in [
        "password",
        "Password1",
        "P@ssw0rd!",
        "passwordpassword",
        "Passw0rd2026!!",
        "Passwort2026 Passwort2026",
        "wachtwoord",
        "Welkom2026!",
        "motdepasse1",
        "iloveyou",
        "Sunshine2025",
        "1q2w3e4r",
        "correcthorsebatterystaple",
        "correct horse battery staple",
        "Correct Horse!",
        "Manchester United 99",
        "!!!Geheim!!!",
        "2026Sommer!",
    ] {
        assert_eq!(beside(common), Err(Unfit::Common), "{common}");
    }
    for fine in
        ["sunshine on my bicycle", "vier paarden in de regen", "passwort egal, kuchen ja", "Xq7-pass-9rw"]
    {
        assert_eq!(beside(fine), Ok(()), "{fine}");
    }
}

#[test]
fn rows_and_repetition_are_refused() {
    for pattern in [
        "aaaaaaaa",
        "12345678",
        "87654321",
        "abcdefgh",
        "abcdefgh12345678",
        "qwertyuiop123456",
        "azertyuiop",
        "xkxkxkxk",
        "wetwetwetwet",
        "aaaabbbbcccc",
        "12345678901234567890",
        "qwertzuiop",
        "        ",
    ] {
        assert_eq!(beside(pattern), Err(Unfit::Pattern), "{pattern}");
    }
    for fine in ["abcd kwoz m7", "zz top on tour 81", "12 lights, 34 wires"] {
        assert_eq!(beside(fine), Ok(()), "{fine}");
    }
}

#[test]
fn the_persons_own_words_and_the_portals_are_no_password() {
    for personal in [
        "anna arndt 1",
        "ArndtAnna2026",
        "a.arndt-7531",
        "anna.arndt@speditionnord.example",
        "Speditionnord81",
        "Fahrtenbuch!7",
        "fahrtenbuch anna",
        "touren.example.com",
    ] {
        assert_eq!(beside(personal), Err(Unfit::Personal), "{personal}");
    }
    for fine in ["annabel rides to Ghent", "a boat, an oar, dusk", "Fahrtenbuch liegt im Keller"] {
        assert_eq!(beside(fine), Ok(()), "{fine}");
    }
}

#[test]
fn nothing_is_printed_and_no_name_is_too_long_to_look_for() {
    let mut person = anna(Requirement::Required);
    person.display_name = "ß".repeat(MOST_NAME);
    let rules = PasswordRules::of(&person, &[""]);
    let password = NewPassword::read("kx7 rwqf", &rules).unwrap();
    assert_eq!(format!("{password:?}"), "NewPassword(…)");
}

#[test]
fn the_list_is_sorted_folded_and_worth_its_bytes() {
    let lines: Vec<&str> = include_str!("common.txt").lines().collect();
    assert!(lines.len() > 1000 && lines.is_sorted());
    assert!(lines.iter().all(|line| line.len() >= 4 && line.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
}
