//! The page that offers an app to somebody who is in with a text message.

use askama::Template;

use super::Frame;

/// Two links: to `enrol` and to where the visitor wanted to go; posts nothing.
#[derive(Clone, Debug, Template)]
#[template(path = "offer_app.html")]
pub struct OfferApp {
    /// What all pages share.
    pub frame: Frame,
    /// Where "Later" leads, and the app's page afterwards.
    pub return_to: String,
}
