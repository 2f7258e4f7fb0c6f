//! Lays every page out as a file, for the browser tests to look at with real eyes: `tests/browser/gallery.test.mjs`.

use std::fs;
use std::path::Path;

use super::super::i18n::{Catalogue, Language};
use super::samples::{Texts, every_page};

#[test]
fn every_page_is_hung_in_the_gallery() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/gallery");
    let catalogue = Catalogue::load();
    for language in Language::all() {
        let wall = gallery.join(language.code());
        fs::create_dir_all(&wall).unwrap();
        for (name, html) in every_page(&catalogue, language, &Texts::ordinary()) {
            fs::write(wall.join(format!("{}.html", name.replace(['/', ' '], "-"))), html).unwrap();
        }
    }
}
