//! What must hold of every letter in every language.

use super::*;
use crate::config::settings::{LetterKind, Wording, WrittenLetter};
use crate::page::i18n::{Catalogue, Language};

const HOSTILE: &str = "<img src=x onerror=alert(1)>&\"'";

fn head(language: Language, portal: &str) -> Letterhead {
    Letterhead {
        words: Catalogue::load().words(language),
        portal_title: portal.to_owned(),
        host: "planning.example.com:8443".to_owned(),
        support: Some(Support { label: portal.to_owned(), url: "mailto:it@example.com".to_owned() }),
        at: Timestamp::from_unix(1_795_357_920),
        address: "203.0.113.9".to_owned(),
        agent: "Firefox, Linux".to_owned(),
    }
}

fn code(head: Letterhead, purpose: Purpose) -> CodeLetter {
    CodeLetter { head, purpose, code: "042137".to_owned(), minutes: 10 }
}

fn link_letter(language: Language, portal: &str) -> LinkLetter {
    LinkLetter {
        head: head(language, portal),
        url: "https://planning.example.com/.vestibule/link?token=abc".to_owned(),
        ends: Timestamp::from_unix(1_795_357_920 + 900),
    }
}

fn invitation(language: Language, portal: &str, kind: LetterKind) -> InvitationLetter<'static> {
    InvitationLetter {
        head: head(language, portal),
        kind,
        name: portal.to_owned(),
        username: "anna".to_owned(),
        url: "https://planning.example.com/.vestibule/invitation?token=abc&x=1".to_owned(),
        ends: Timestamp::from_unix(1_795_357_920 + 72 * 3600),
        written: None,
    }
}

/// Granted without a reason, and refused with one.
fn help(language: Language, portal: &str, about: HelpAbout) -> [Letter; 2] {
    [(true, ""), (false, portal)].map(|(granted, reason)| {
        let (head, reference, reason) = (head(language, portal), "K7M4-2QXP".to_owned(), reason.to_owned());
        let letter = HelpLetter { head, about, granted, reference, reason }.mail();
        assert!(letter.subject.contains("K7M4-2QXP") && letter.text.contains("K7M4-2QXP"), "{}", letter.text);
        letter
    })
}

/// Every letter, with and without its link.
fn every_letter(language: Language, portal: &str) -> Vec<Letter> {
    let named = || Some(portal.to_owned());
    let occasions = [
        Occasion::NewDevice,
        Occasion::NewAddress,
        Occasion::OtherNetwork,
        Occasion::FactorAdded(Factor::App(named())),
        Occasion::FactorAdded(Factor::Email),
        Occasion::FactorAdded(Factor::Sms),
        Occasion::FactorRemoved(Factor::Passkey(named())),
        Occasion::FactorRemoved(Factor::Recovery),
        Occasion::RecoveryCodeUsed { left: 0 },
        Occasion::RecoveryCodeUsed { left: 4 },
        Occasion::RecoveryCodesMade,
        Occasion::SecondFactorOn,
        Occasion::SecondFactorOff,
        Occasion::SecondFactorReset,
        Occasion::Renamed { name: "hendrik".to_owned() },
        Occasion::AddressChanged,
        Occasion::GlassMade { name: "anna".to_owned() },
        Occasion::GlassUsed { name: "anna".to_owned() },
        Occasion::DeviceTrusted,
        Occasion::AddressTrusted { network: "203.0.113.9".to_owned() },
        Occasion::DeviceCopied,
        Occasion::PinSet,
        Occasion::PinsWrong,
        Occasion::PasswordChanged,
        Occasion::PasswordSet,
        Occasion::FactorAdded(Factor::Provider(named())),
        Occasion::FactorRemoved(Factor::Provider(None)),
    ];
    let link = || Some("https://planning.example.com/.vestibule/x?y=1&z=2".to_owned());
    let notices = occasions.into_iter().flat_map(|occasion| {
        [None, link()].map(|not_me| {
            let (head, occasion) = (head(language, portal), occasion.clone());
            NoticeLetter { head, occasion, also: vec![Occasion::NewAddress], not_me }.mail()
        })
    });
    [Purpose::SignIn, Purpose::AddFactor, Purpose::ConfirmContact]
        .into_iter()
        .map(|purpose| code(head(language, portal), purpose).mail())
        .chain(notices)
        .chain([link_letter(language, portal).mail()])
        .chain(
            [HelpAbout::SecondFactor, HelpAbout::Access]
                .into_iter()
                .flat_map(|about| help(language, portal, about)),
        )
        .chain(LetterKind::ALL.map(|kind| invitation(language, portal, kind).mail()))
        .collect()
}

#[test]
fn every_letter_says_time_place_browser_site_and_whom_to_ask() {
    for language in Language::all() {
        for letter in every_letter(language, "Planning") {
            for told in [
                "2026-11-22 14:32 UTC",
                "203.0.113.9",
                "Firefox, Linux",
                "planning.example.com",
                "it@example.com",
            ] {
                assert!(letter.text.contains(told) && letter.html.contains(told), "{told}: {letter:?}");
            }
            let not_you = head(language, "").say("mail-not-you");
            assert!(letter.text.contains(&not_you) && letter.html.contains(&not_you));
            let whole = format!("{}{}{}", letter.subject, letter.text, letter.html);
            assert!(!whole.contains('⟦') && !whole.contains("{ $"), "{whole}");
            assert!(letter.subject.contains("Planning"), "{}", letter.subject);
        }
    }
}

#[test]
fn nothing_in_a_letter_is_loaded_or_run() {
    for letter in every_letter(Language::En, "Planning") {
        for mark in ["<img", "<script", "<link", "<style", "url(", "src="] {
            assert!(!letter.html.contains(mark), "{mark}: {}", letter.html);
        }
        assert!(letter.html.len() < 4096, "{}", letter.html.len());
    }
}

#[test]
fn hostile_words_are_text_in_html_and_stay_as_they_are_in_text() {
    for letter in every_letter(Language::Nl, HOSTILE) {
        assert!(!letter.html.contains("<img"), "{}", letter.html);
        assert!(letter.text.contains(HOSTILE), "{}", letter.text);
    }
}

#[test]
fn subjects_are_one_line() {
    for language in Language::all() {
        for letter in every_letter(language, "Planning") {
            assert!(!letter.subject.contains(char::is_control) && letter.subject.chars().count() < 90);
        }
    }
}

#[test]
fn the_code_stands_in_subject_text_and_html() {
    for language in Language::all() {
        let letter = code(head(language, "Planning"), Purpose::SignIn).mail();
        assert!(letter.subject.starts_with("042137 "), "{}", letter.subject);
        assert!(letter.text.contains("\n    042137\n") && letter.html.contains("<strong>042137</strong>"));
        assert!(letter.text.contains("10 "), "{}", letter.text);
    }
}

#[test]
fn the_words_are_the_readers_and_formal() {
    let opening = |language| code(head(language, "Planning"), Purpose::SignIn).mail().text;
    assert!(opening(Language::En).starts_with("You are signing in to Planning. Your code:\n"));
    assert!(opening(Language::Nl).starts_with("U meldt zich aan bij Planning. Uw code:\n"));
    assert!(opening(Language::De).starts_with("Sie melden sich bei Planning an. Ihr Code:\n"));
    assert!(opening(Language::Fr).starts_with("Vous vous connectez à Planning. Votre code"));
}

#[test]
fn a_code_for_something_else_says_so() {
    let of = |purpose| code(head(Language::En, "Planning"), purpose).mail().text;
    assert!(of(Purpose::AddFactor).starts_with("You are setting up a way to sign in to Planning."));
    assert!(of(Purpose::ConfirmContact).starts_with("You are confirming this address or number"));
}

#[test]
fn a_text_message_is_short_and_its_last_line_binds_the_code_to_the_host() {
    for language in Language::all() {
        let message = code(head(language, "Planning"), Purpose::SignIn).text_message();
        assert_eq!(message.lines().last(), Some("@planning.example.com #042137"));
        assert!(message.starts_with("042137 "), "{message}");
        assert!(message.chars().count() <= 160, "{message}");
        // Anything else would make two messages of one.
        let plain = |c: char| c.is_ascii() || "éèàùìòäöüßÄÖÜ".contains(c);
        assert!(message.chars().all(plain), "{message}");
    }
    let mut letter = code(head(Language::En, "Planning"), Purpose::SignIn);
    letter.head.host = "planning.example.com".to_owned();
    assert!(letter.text_message().ends_with("\n@planning.example.com #042137"));
}

#[test]
fn a_notice_has_its_link_or_says_what_to_do_without() {
    let head = head(Language::En, "Planning");
    let notice = |not_me: Option<&str>| {
        let not_me = not_me.map(str::to_owned);
        NoticeLetter { head: head.clone(), occasion: Occasion::NewDevice, also: Vec::new(), not_me }.mail()
    };
    let linked = notice(Some("https://planning.example.com/x?a=1&b=2"));
    assert!(linked.text.contains("\nhttps://planning.example.com/x?a=1&b=2\n"), "{}", linked.text);
    assert!(
        linked.html.contains("<a href=\"https://planning.example.com/x?a=1&#38;b=2\">"),
        "{}",
        linked.html
    );
    let bare = notice(None);
    assert!(!bare.html.contains("https://") && bare.text.contains("Sign out everywhere"), "{}", bare.text);
}

#[test]
fn an_added_factor_is_named() {
    let notice = |factor| {
        let head = head(Language::En, "Planning");
        let occasion = Occasion::FactorAdded(factor);
        NoticeLetter { head, occasion, also: Vec::new(), not_me: None }.mail().text
    };
    let named = notice(Factor::App(Some("Work phone".to_owned())));
    assert!(named.contains("Planning: authenticator app “Work phone”."), "{named}");
    assert!(notice(Factor::Sms).contains("Planning: codes by text message."));
}

#[test]
fn without_support_the_reader_is_sent_to_the_administrator() {
    let head = Letterhead { support: None, ..head(Language::En, "Planning") };
    let letter = code(head, Purpose::SignIn).mail();
    assert!(
        letter.text.contains("Ask your administrator.") && letter.html.contains("Ask your administrator.")
    );
}

#[test]
fn a_link_stands_alone_on_its_line_and_says_when_it_ends() {
    for language in Language::all() {
        let letter = link_letter(language, "Planning").mail();
        assert!(letter.text.contains("\n\nhttps://planning.example.com/.vestibule/link?token=abc\n\n"));
        assert!(letter.html.contains("<a href=\"https://planning.example.com/.vestibule/link?token=abc\">"));
        assert!(letter.text.contains("14:47 UTC") && letter.html.contains("14:47 UTC"), "{}", letter.text);
        assert!(!letter.subject.contains("token"));
    }
    let printed = format!("{:?}", link_letter(Language::En, "Planning"));
    assert!(!printed.contains("token"), "{printed}");
}

#[test]
fn one_letter_tells_all_that_happened_and_few_codes_ask_for_new_ones() {
    let notice = |occasion, also| {
        let head = head(Language::En, "Planning");
        NoticeLetter { head, occasion, also, not_me: None }.mail()
    };
    let both = notice(Occasion::FactorAdded(Factor::App(None)), vec![Occasion::DeviceTrusted]);
    assert!(both.subject.contains("New way to sign in") && both.text.contains("authenticator app."));
    assert!(both.text.contains("A device is remembered"), "{}", both.text);
    for (left, told, asks) in
        [(4, "4 recovery codes are left", false), (3, "3 recovery codes are left", true)]
    {
        let text = notice(Occasion::RecoveryCodeUsed { left }, Vec::new()).text;
        assert!(text.contains(told) && text.contains("Make new recovery codes") == asks, "{text}");
    }
}

#[test]
fn an_invitation_names_its_reader_and_its_link_stands_alone() {
    for language in Language::all() {
        for kind in LetterKind::ALL {
            let letter = invitation(language, "Planning", kind).mail();
            let link = "\n\nhttps://planning.example.com/.vestibule/invitation?token=abc&x=1\n\n";
            assert!(
                letter.text.contains(link) && letter.text.contains("2026-11-25 14:32 UTC"),
                "{}",
                letter.text
            );
            assert!(
                letter.html.contains("token=abc&#38;x=1\">") && letter.text.contains(" anna"),
                "{}",
                letter.html
            );
            assert!(!letter.subject.contains("token"), "{}", letter.subject);
        }
    }
    let printed = format!("{:?}", invitation(Language::En, "Planning", LetterKind::Invitation));
    assert!(!printed.contains("token"), "{printed}");
}

#[test]
fn what_is_filled_into_a_written_letter_is_text_and_is_read_once() {
    let wording = |text: &str| Some(Wording::read(text).unwrap());
    let written = WrittenLetter {
        subject: wording("Hello {name}"),
        text: wording("{name} {portal}\nsecond line\n\n{link} {support}"),
        html: None,
    };
    let mut letter = invitation(Language::En, HOSTILE, LetterKind::Invitation);
    letter.name = "{link} <i>".to_owned();
    letter.written = Some(&written);
    let drawn = letter.mail();
    assert_eq!(drawn.subject, "Hello {link} <i>");
    assert!(drawn.text.starts_with("{link} <i> <img"), "{}", drawn.text);
    assert!(drawn.html.contains("<p>{link} &#60;i&#62; &#60;img"), "{}", drawn.html);
    assert!(
        drawn.html.contains("<br>\nsecond line</p>\n<p><a href=\"https://planning.example.com/"),
        "{}",
        drawn.html
    );
    assert!(!drawn.html.contains("<i>") && !drawn.html.contains("<img"), "{}", drawn.html);
    let html = WrittenLetter {
        html: wording("<a title=\"{name}\" href=\"{link}\">{support}</a>"),
        ..written.clone()
    };
    letter.name = "\" onclick=\"x".to_owned();
    letter.written = Some(&html);
    let drawn = letter.mail().html;
    assert!(drawn.starts_with("<a title=\"&#34; onclick=&#34;x\" href=\"https://"), "{drawn}");
    assert!(drawn.contains("<a href=\"mailto:it@example.com\">&#60;img"), "{drawn}");
}
