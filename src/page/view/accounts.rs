//! The accounts that are signed in in one browser.

use askama::Template;

use super::Frame;

/// Posts `csrf`, `return_to` and `action` (`another`, `switch` with `id`, `sign_out_all`) to `accounts`.
#[derive(Clone, Debug, Template)]
#[template(path = "accounts.html")]
pub struct Accounts {
    /// What all pages share.
    pub frame: Frame,
    /// Who is in use, if somebody is.
    pub own: Option<String>,
    /// Who waits.
    pub rows: Vec<AccountRow>,
    /// Where the visitor wanted to go.
    pub return_to: String,
}

/// An account that waits.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// What the button sends.
    pub id: String,
    /// Whose it is.
    pub name: String,
}
