//! The authenticator page. Its script reveals one part after another; the browser tests look at each.

use super::{ApprovalNote, Authenticator, CodeError, Method, SecondFactor, Studio, at};

impl Studio<'_> {
    pub(super) fn authenticator(&mut self) {
        let page = Authenticator { frame: self.frame(), approves: true };
        self.keep("authenticator", page.render());
        let frame = self.unsupported();
        self.keep("authenticator-unsupported", Authenticator { frame, approves: false }.render());
    }

    /// What the screen that signs in shows while its owner is asked.
    pub(super) fn approvals(&mut self, page: &SecondFactor) {
        for (name, approval) in [
            ("unasked", ApprovalNote::Unasked),
            ("waiting", ApprovalNote::Waiting { number: 42, ends: at(120) }),
            ("approved", ApprovalNote::Approved),
            ("refused", ApprovalNote::Refused),
            ("over", ApprovalNote::Over),
        ] {
            let method = Method::Approval;
            let asked = SecondFactor { method, approval, ..page.clone() };
            self.keep(&format!("approval-{name}"), asked.render());
        }
        for (name, error) in
            [("wrong", CodeError::NotApproved), ("paused", CodeError::ApprovalsPaused(at(900)))]
        {
            let (method, error) = (Method::Approval, Some(error));
            let failed = SecondFactor { method, error, ..page.clone() };
            self.keep(&format!("approval-{name}"), failed.render());
        }
    }
}
