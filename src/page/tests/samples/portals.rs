//! Several portals: the page for strangers, and the list.

use super::{AccountRow, Accounts, AskAccess, Asking, HandingOver, Landing, PortalRow, Portals, Studio};

impl Studio<'_> {
    pub(super) fn portals(&mut self) {
        let welcome = Some(self.texts.agent.clone());
        let page = Landing { frame: self.frame(), welcome };
        self.keep("landing", page.render());
        self.keep("landing-unsupported", Landing { frame: self.unsupported(), welcome: None }.render());
        let going = HandingOver {
            frame: self.signed_in(),
            portal: self.texts.agent.clone(),
            url: format!(
                "https://wiki.example.com{}hand-over/arrive?code={}",
                super::PREFIX,
                self.texts.user
            ),
        };
        self.keep("handing-over", going.render());
        let (return_to, path) = (self.texts.deep_link.clone(), self.texts.deep_link.clone());
        let access = AskAccess { frame: self.signed_in(), path, return_to, asking: Asking::Now };
        self.keep("access", access.render());
        let asking = Asking::Filed(self.texts.masked("K7M4-2QXP"));
        self.keep("access-filed", AskAccess { asking, ..access }.render());
        let account = |id: &str| AccountRow { id: id.to_owned(), name: self.texts.user.clone() };
        let accounts = Accounts {
            frame: self.signed_in(),
            own: Some(self.texts.user.clone()),
            rows: vec![account("one"), account("two")],
            return_to: self.texts.deep_link.clone(),
        };
        self.keep("accounts", accounts.render());
        let (frame, rows) = (self.signed_in(), Vec::new());
        self.keep("accounts-alone", Accounts { frame, rows, ..accounts.clone() }.render());
        let parked = Accounts { frame: self.frame(), own: None, ..accounts };
        self.keep("accounts-parked", parked.render());
        let row = |title: &str, host: &str, here| PortalRow {
            title: title.to_owned(),
            host: host.to_owned(),
            url: if here { "/".to_owned() } else { format!("https://{}/start", "wiki.example.com") },
            here,
        };
        let frame = self.signed_in();
        let rows = vec![
            row(&frame.portal_title, &frame.host, true),
            row(&self.texts.user, &self.texts.address, false),
        ];
        let page = Portals { frame, rows };
        self.keep("portals", page.render());
        self.keep("portals-none", Portals { rows: Vec::new(), ..page }.render());
    }
}
