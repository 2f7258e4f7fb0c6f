//! Where one may go: the page for strangers at a portal's first address, and the list of portals for who is signed in.

use askama::Template;

use super::Frame;

/// The page for strangers; its button leads to the sign-in.
#[derive(Clone, Debug, Template)]
#[template(path = "landing.html")]
pub struct Landing {
    /// What all pages share.
    pub frame: Frame,
    /// A few words of the operator's.
    pub welcome: Option<String>,
}

/// The portals a visitor may enter.
#[derive(Clone, Debug, Template)]
#[template(path = "portals.html")]
pub struct Portals {
    /// What all pages share; `signed_in_as` names the visitor.
    pub frame: Frame,
    /// In the order of the file.
    pub rows: Vec<PortalRow>,
}

/// Leads on to another portal by itself, or by its button.
#[derive(Clone, Debug, Template)]
#[template(path = "handing_over.html")]
pub struct HandingOver {
    /// What all pages share; `signed_in_as` names the visitor.
    pub frame: Frame,
    /// What the other portal is called.
    pub portal: String,
    /// Where it leads.
    pub url: String,
}

/// A portal.
#[derive(Clone, Debug)]
pub struct PortalRow {
    /// What it is called.
    pub title: String,
    /// Its host.
    pub host: String,
    /// Where it starts: at another host, `https:` and that host.
    pub url: String,
    /// Whether it is the one the visitor is at.
    pub here: bool,
}
