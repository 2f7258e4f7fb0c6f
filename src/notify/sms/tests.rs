//! What requests say; `notify/tests` sends them.

use super::*;

#[test]
fn numbers_are_read_as_people_write_them_and_sent_as_e164() {
    for written in ["+31612345678", "0031 6 1234 5678", "+31 (6) 12-34.56/78"] {
        assert_eq!(number(written).as_deref(), Some("+31612345678"), "{written}");
    }
    let longest = format!("+{}", "1".repeat(15));
    assert!(number("+12345").is_some() && number(&longest).is_some());
    for wrong in [
        "0612345678",
        "+1234",
        &format!("{longest}1"),
        "+0612345678",
        "+31612345678\r\nx",
        "",
        "+",
        "+٣١٦١٢٣٤",
    ] {
        assert_eq!(number(wrong), None, "{wrong:?}");
    }
}

#[test]
fn what_is_put_in_is_not_looked_at_again() {
    assert_eq!(
        filled("{to} {digits} {text} {other} {", "+31612345678", "{to}{text}"),
        "+31612345678 31612345678 {to}{text} {other} {"
    );
}

#[test]
fn a_json_body_keeps_its_shape_whatever_the_message_says() {
    let template = serde_json::json!({ "to": ["{to}"], "n": 1, "deep": { "text": "» {text}" } });
    let filled = filled_json(&template, "+31612345678", "\",\n\"to\": \"+1900\\");
    let read: Value = serde_json::from_str(&filled.to_string()).unwrap();
    let text = "» \",\n\"to\": \"+1900\\";
    assert_eq!(read, serde_json::json!({ "to": ["+31612345678"], "n": 1, "deep": { "text": text } }));
}

#[test]
fn long_numbers_in_a_faults_words_are_not_logged() {
    assert_eq!(mask("550 5.7.1 spam: 042137 is your code"), "550 5.7.1 spam: … is your code");
    assert_eq!(mask("12345 1234567 €é 99"), "12345 … €é 99");
}
