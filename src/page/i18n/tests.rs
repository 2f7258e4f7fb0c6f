use super::Language::{De, En, Fr, Nl};
use super::*;

fn accepts(header: &str) -> Language {
    negotiate(None, Some(header), En)
}

#[test]
fn a_choice_beats_the_browser_and_the_browser_beats_the_default() {
    assert_eq!(negotiate(Some(Fr), Some("nl"), De), Fr);
    assert_eq!(negotiate(None, Some("nl"), De), Nl);
    assert_eq!(negotiate(None, None, De), De);
    assert_eq!(negotiate(None, Some(""), De), De);
}

#[test]
fn the_heaviest_weight_wins_whatever_the_order() {
    assert_eq!(accepts("en;q=0.5, nl;q=0.9, de;q=0.7"), Nl);
    assert_eq!(accepts("fr;q=0.1, de"), De);
    assert_eq!(accepts("de;q=0.999,fr;q=1.000"), Fr);
}

#[test]
fn equal_weights_keep_the_order_of_the_header() {
    assert_eq!(accepts("nl, de"), Nl);
    assert_eq!(accepts("de;q=0.8, nl;q=0.8"), De);
}

#[test]
fn weight_zero_rules_a_language_out() {
    assert_eq!(accepts("nl;q=0, fr;q=0.001"), Fr);
    assert_eq!(negotiate(None, Some("*, de;q=0"), De), En);
    assert_eq!(negotiate(None, Some("nl;q=0"), De), De);
}

#[test]
fn regions_match_their_language_and_unknown_languages_are_passed_over() {
    assert_eq!(accepts("nl-BE"), Nl);
    assert_eq!(accepts("fr-CA,en;q=0.2"), Fr);
    assert_eq!(accepts("DE-at"), De);
    assert_eq!(accepts("es, it;q=0.9, de;q=0.1"), De);
    assert_eq!(negotiate(None, Some("es, *;q=0.5"), Nl), Nl);
}

#[test]
fn malformed_entries_are_ignored_and_the_rest_still_counts() {
    assert_eq!(accepts("nl;q=2, de;q=0.1"), De);
    assert_eq!(accepts("nl;q=0.1234, de;q=0.1"), De);
    assert_eq!(accepts("nl;q=, fr;q=0.1"), Fr);
    assert_eq!(accepts("nl;q=-1, fr;q=0.1"), Fr);
    assert_eq!(accepts("nl;q, fr;q=0.1"), Fr);
    assert_eq!(accepts(",,;;, <script>, nl_NL_x y, fr"), Fr);
    assert_eq!(accepts("nederlands-te-lang, de"), De);
    assert_eq!(accepts("nl ; q=0.3 , de ; q=0.4"), De);
}

#[test]
fn a_flood_of_ranges_is_cut_off() {
    let flood = format!("{}nl", "es,".repeat(MOST_RANGES));
    assert_eq!(accepts(&flood), En);
    let just_fits = format!("{}nl", "es,".repeat(MOST_RANGES - 1));
    assert_eq!(accepts(&just_fits), Nl);
}

#[test]
fn every_language_reads_its_own_code_back() {
    for language in Language::all() {
        assert_eq!(Language::parse(language.code()), Some(language));
    }
    assert_eq!(Language::parse("es"), None);
    assert_eq!(Language::parse(""), None);
}
