//! Everything a visitor sees: typed page models rendered to HTML, the words in four languages, and the files they load.
//!
//! What mails and text messages say is in [`letter`].
//! The room knows neither requests nor the store: `web` fills a model from [`view`] in and sends what `render` returns.
//! No page needs JavaScript, and none carries an inline style or script, so the strictest content policy fits them all.
//! Words live in `static/locales`, markup in `static/templates`, style and script in `static/assets`.

pub mod assets;
pub mod i18n;
pub mod letter;
pub mod look;
pub mod view;

#[cfg(test)]
mod tests;
