//! Whatever is in the file, reading it ends with settings or with errors, and every problem can be drawn.

use std::path::Path;

use proptest::prelude::*;

use crate::config::{Color, EXAMPLE, Files, Loaded, load_text};

fn read(text: &str) -> Loaded {
    let loaded = load_text(Path::new("config/vestibule.toml"), text, Files::Assumed);
    assert_eq!(loaded.settings.is_some(), loaded.errors() == 0);
    for problem in &loaded.problems {
        assert!(!problem.message.is_empty() && !problem.message.ends_with('.'), "{problem}");
        if let Some(place) = &problem.place {
            assert!(place.line >= 1 && place.column >= 1, "{problem}");
        }
    }
    loaded.report(Color::Ansi);
    loaded
}

/// A number below `length` from one between 0 and 1.
fn scaled(length: usize, share: f64) -> usize {
    let mut at = (length as f64 * share) as usize;
    at = at.min(length);
    at
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_to_an_end(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn any_scraps_of_toml_are_read_to_an_end(
        scraps in prop::collection::vec(
            prop::sample::select(vec![
                "[[portal]]\n", "[portal]\n", "[[portal.rule]]\n", "[server]\n", "[trust]\n", "[[test]]\n", "[[user]]\n",
                "name = \"x\"\n", "hosts = [\"a.example\", 1]\n", "upstream = \"http://[::1]:80\"\n", "path = \"/**\"\n",
                "policy = \"deny\"\n", "policy = 3\n", "a.b.c = {}\n", "portal = 1\n", "x = {y = [{z = 1}]}\n", "= 1\n",
                "device = \"30d\"\n", "\"", "'''", "[", "]", "#\u{fe0f}\n", "\u{feff}", "é = \"ü\"\n", "\r\n", "\0", "1979-05-27\n",
                "headers = { user = false, user = 1 }\n", "url = \"https://a.example/%zz\"\n", "rule = []\n", "rule = [[]]\n",
            ]),
            0..14,
        ),
    ) {
        read(&scraps.concat());
    }

    #[test]
    fn the_example_with_a_piece_cut_out_is_read_to_an_end(start in 0.0..1.0f64, length in 0usize..40) {
        let start = scaled(EXAMPLE.len(), start);
        let end = (start + length).min(EXAMPLE.len());
        prop_assume!(EXAMPLE.is_char_boundary(start) && EXAMPLE.is_char_boundary(end));
        read(&format!("{}{}", &EXAMPLE[..start], &EXAMPLE[end..]));
    }

    #[test]
    fn the_example_with_a_character_put_in_is_read_to_an_end(at in 0.0..1.0f64, more in any::<char>()) {
        let at = scaled(EXAMPLE.len(), at);
        prop_assume!(EXAMPLE.is_char_boundary(at));
        read(&format!("{}{more}{}", &EXAMPLE[..at], &EXAMPLE[at..]));
    }

    #[test]
    fn the_example_with_two_lines_swapped_is_read_to_an_end(one in 0.0..1.0f64, other in 0.0..1.0f64) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        let last = lines.len() - 1;
        lines.swap(scaled(last, one), scaled(last, other));
        read(&lines.join("\n"));
    }
}

#[test]
fn a_file_beyond_four_megabytes_is_not_read() {
    let limit = 4 << 20;
    let padded = |length: usize| format!("{EXAMPLE}#{}", "x".repeat(length - EXAMPLE.len() - 1));
    assert_eq!(read(&padded(limit)).errors(), 0);
    let refused = read(&padded(limit + 1));
    assert_eq!(refused.problems[0].message, "has more than 4 MiB and is not read");
}

#[test]
fn a_thousand_slips_are_cut_short() {
    let text: String = (0..1000).map(|i| format!("[x{i}]\n")).collect();
    let problems = read(&text).problems;
    assert_eq!(problems.len(), 51);
    assert!(problems.iter().any(|problem| problem.message == "more than 50 slips; the rest is not shown"));
}

#[test]
fn deep_nesting_is_refused_and_not_descended() {
    for open in ["[", "{a="] {
        assert!(read(&format!("x = {}", open.repeat(50_000))).errors() > 0);
    }
    assert!(read(&format!("[{}a]", "a.".repeat(20_000))).errors() > 0);
}
