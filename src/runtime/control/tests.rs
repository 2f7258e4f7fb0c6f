//! What commands may count on, word for word.

mod deeds;
mod hashes;
mod renamed;
mod tightened;

use super::words::{Answer, RefusalKind, Request, Which};
use crate::domain::token::RecordId;

#[test]
fn requests_keep_their_spelling() {
    let cases = [
        (Request::Reload, r#"{"verb":"reload"}"#),
        (Request::Status, r#"{"verb":"status"}"#),
        (Request::TrustList { user: None }, r#"{"verb":"trust_list","user":null}"#),
        (
            Request::TrustRevoke(Which::One { id: RecordId::from_text("x") }),
            r#"{"verb":"trust_revoke","which":"one","id":"x"}"#,
        ),
        (
            Request::SessionRevoke(Which::Of { user: "anna".to_owned() }),
            r#"{"verb":"session_revoke","which":"of","user":"anna"}"#,
        ),
        (Request::TrustRevoke(Which::Everybodys), r#"{"verb":"trust_revoke","which":"everybodys"}"#),
        (
            Request::UserRename { user: "jan".to_owned(), name: "Hendrik".to_owned() },
            r#"{"verb":"user_rename","user":"jan","name":"Hendrik"}"#,
        ),
        (
            Request::UserResetSecondFactor { user: "anna".to_owned(), reason: String::new() },
            r#"{"verb":"user_reset_second_factor","user":"anna"}"#,
        ),
    ];
    for (request, line) in cases {
        assert_eq!(serde_json::to_string(&request).unwrap(), line);
        assert_eq!(serde_json::from_str::<Request>(line).unwrap(), request);
    }
}

#[test]
fn a_list_of_everybodys_needs_no_name() {
    let request: Request = serde_json::from_str(r#"{"verb":"trust_list"}"#).unwrap();
    assert_eq!(request, Request::TrustList { user: None });
}

#[test]
fn a_verb_of_another_version_is_no_request() {
    assert!(serde_json::from_str::<Request>(r#"{"verb":"self_destruct"}"#).is_err());
    assert!(serde_json::from_str::<Request>(r#"{"verb":"trust_revoke"}"#).is_err());
}

#[test]
fn refusals_keep_their_spelling() {
    let refused = Answer::refused(RefusalKind::PolicyTests, "1 test fails");
    let line = r#"{"refused":{"kind":"policy_tests","message":"1 test fails"}}"#;
    assert_eq!(serde_json::to_string(&refused).unwrap(), line);
    assert_eq!(serde_json::from_str::<Answer>(line).unwrap(), refused);
    let tightened = Answer::refused(RefusalKind::Tightened, "jan");
    let line = r#"{"refused":{"kind":"tightened","message":"jan"}}"#;
    assert_eq!(serde_json::to_string(&tightened).unwrap(), line);
}
