//! Every page in the look of a portal that has the largest logo and a colour of its own.

use std::{collections::BTreeMap, sync::Arc};

use super::super::{
    assets,
    i18n::{Catalogue, Language},
    look::Look,
};
use super::samples::{PREFIX, Texts, every_page_in};
use crate::config::brand::{Brand, Logo, LogoKind, Palette, Rgb};

/// As large as the check lets a logo be.
const LARGEST_LOGO: usize = 6_000;

fn branded() -> (Look, BTreeMap<String, usize>) {
    // Noise: it does not get shorter in gzip.
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed.to_be_bytes()[0]
    };
    let logo = Logo { bytes: (0..LARGEST_LOGO).map(|_| noise()).collect(), kind: LogoKind::Png(300, 80) };
    let palette = Palette::of(Rgb(0x8a, 0x1c, 0x4a), None);
    let (look, files) = Look::of(&Brand { logo: Some(Arc::new(logo)), palette: Some(palette) });
    let size = |asset: &assets::Asset| asset.gzip.as_ref().unwrap_or(&asset.bytes).len();
    (look, files.iter().map(|(name, asset)| (name.clone(), size(asset))).collect())
}

#[test]
fn a_page_with_a_logo_stays_under_thirty_kilobytes_and_five_requests() {
    let (look, files) = branded();
    let catalogue = Catalogue::load();
    for language in Language::all() {
        for (name, html) in every_page_in(look.clone(), &catalogue, language, &Texts::ordinary()) {
            let start = format!("\"{PREFIX}assets/");
            let loaded: Vec<_> =
                html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            let size = |name: &&str| {
                let own =
                    || assets::find(name).map(|asset| asset.gzip.as_ref().unwrap_or(&asset.bytes).len());
                files.get(*name).copied().or_else(own).unwrap()
            };
            let assets: usize = loaded.iter().map(size).sum();
            assert!(loaded.len() < 5, "{name}: {loaded:?}");
            assert!(html.len() + assets < 30_000, "{name}: {} + {assets}", html.len());
        }
    }
}

#[test]
fn a_logo_stands_where_the_house_has_its_door() {
    let (look, _) = branded();
    let pages = every_page_in(look, &Catalogue::load(), Language::En, &Texts::ordinary());
    for (name, html) in pages {
        let brand = html.split("<p class=\"brand\">").nth(1).unwrap().split("</p>").next().unwrap();
        assert!(
            brand.starts_with("<img src=\"/.vestibule/assets/logo.") && !brand.contains("<svg"),
            "{name}"
        );
        assert!(!html.contains(&assets::url(PREFIX, "app.css")), "{name}");
    }
}
