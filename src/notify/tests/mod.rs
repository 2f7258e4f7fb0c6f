//! Messages to real servers: aiosmtpd, a sendmail program, and HTTP on loopback.

mod mail;
mod program;
mod sms;

use super::*;

fn message(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "042137 ist Ihr Code für Planung".to_owned(),
        text: "Ihr Code:\n\n    042137\n".to_owned(),
        html: "<p>Ihr Code: <strong>042137</strong></p>".to_owned(),
    }
}

#[tokio::test]
async fn without_settings_there_is_no_way() {
    let post = Post::build(None, None).unwrap();
    assert!(!post.can_mail() && !post.can_text());
    assert_eq!(post.mail(message("anna@example.com")).await, Err(Undeliverable::NoWay));
    let text = TextMessage { to: "+31612345678".to_owned(), body: "042137".to_owned() };
    assert_eq!(post.text(text).await, Err(Undeliverable::NoWay));
}

#[test]
fn nothing_of_a_message_is_printed() {
    let text = TextMessage { to: "+31612345678".to_owned(), body: "042137".to_owned() };
    assert_eq!(format!("{:?} {text:?}", message("anna@example.com")), "Mail(…) TextMessage(…)");
}
