//! What the link in a notice opens.

use super::{Frame, NotMe, NotMeDone, NotMeSpent, Studio, at, days};

impl Studio<'_> {
    pub(super) fn not_me(&mut self) {
        let page = NotMe {
            frame: self.frame(),
            token: "bm90LW1lLXRva2VuLWZvci10aGUtc2FtcGw".to_owned(),
            ends: at(days(7)),
            is_stale: false,
        };
        self.keep("not-me", page.render());
        self.keep("not-me-form", NotMe { is_stale: true, ..page }.render());
        let frame = Frame { switches_language: false, ..self.frame() };
        self.keep("not-me-done", NotMeDone { frame }.render());
        let frame = Frame { switches_language: false, ..self.unsupported() };
        self.keep("not-me-done-unsupported", NotMeDone { frame }.render());
        self.keep("not-me-spent", NotMeSpent { frame: self.frame() }.render());
        self.keep("not-me-spent-unsupported", NotMeSpent { frame: self.unsupported() }.render());
    }
}
