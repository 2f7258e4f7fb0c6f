//! A form that met a sign-in.

use super::*;

impl Studio<'_> {
    pub(super) fn resend(&mut self) {
        let field = |name: &str, value| SentField { name: name.to_owned(), value };
        let texts = self.texts;
        let fields = vec![
            field("title", SentValue::Text(texts.user.clone())),
            field(&texts.agent, SentValue::Text("first line\r\nsecond line".to_owned())),
            field("notes", SentValue::Beginning("a long story of an excavator and a bridge ".repeat(3))),
            field("new_password", SentValue::Hidden),
            field("empty", SentValue::Text(String::new())),
            field("scan", SentValue::File { name: texts.address.clone(), size: 48_211 }),
        ];
        let page = Resend {
            frame: self.signed_in(),
            action: format!("https://planning.example.com{}", texts.deep_link),
            target: texts.deep_link.clone(),
            press: "rVq0Zb1m8w3kQ5t7Xy9A2cD4eF6gH8jK0lM2nP4rS6u".to_owned(),
            kept_at: at(-120),
            ends: at(480),
            content: SentContent::Fields { shown: fields, more: 0 },
        };
        self.keep("resend", page.render());
        let many = (1..=40).map(|n| field(&format!("field_{n}"), SentValue::Beginning("x".repeat(160))));
        let content = SentContent::Fields { shown: many.collect(), more: 12 };
        self.keep("resend-many", Resend { content, ..page.clone() }.render());
        let content = SentContent::Fields { shown: Vec::new(), more: 0 };
        self.keep("resend-empty", Resend { content, ..page.clone() }.render());
        self.keep("resend-unreadable", Resend { content: SentContent::Unreadable(812), ..page }.render());
        self.keep("resend-nothing", ResendNothing { frame: self.signed_in() }.render());
        for (name, why) in [("large", NotKept::TooLarge), ("now", NotKept::NotNow)] {
            for (who, frame) in [("", self.frame()), ("-confirm", self.signed_in())] {
                let page = NotReceived {
                    frame,
                    why,
                    go_on: format!("{PREFIX}login?return_to=%2Fupload"),
                    request_id: "0192f4c1-7b52-7cc3-9d4e-2f1a6b0c8d11".to_owned(),
                };
                self.keep(&format!("not-received-{name}{who}"), page.render());
            }
        }
    }
}
