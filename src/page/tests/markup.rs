//! What must hold of the HTML of every page in every state and language.

use std::collections::BTreeSet;

use super::super::assets;
use super::super::i18n::{Catalogue, Language};
use super::samples::{PREFIX, Sample, Texts, every_page};

fn for_every_page(texts: &Texts, mut check: impl FnMut(Language, &str, &str)) {
    let catalogue = Catalogue::load();
    for language in Language::all() {
        let pages = every_page(&catalogue, language, texts);
        assert!(pages.len() > 100);
        for (name, html) in pages {
            check(language, &name, &html);
        }
    }
}

fn page(name: &str) -> String {
    let pages = every_page(&Catalogue::load(), Language::En, &Texts::ordinary());
    pages.into_iter().find(|(own, _): &Sample| own == name).unwrap().1
}

fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_page_is_whole_and_says_every_word() {
    for_every_page(&Texts::ordinary(), |language, name, html| {
        let code = language.code();
        assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"), "{code} {name}");
        assert!(html.contains(&format!("<html lang=\"{code}\" dir=\"ltr\">")), "{code} {name}");
        for mark in ['⟦', '\u{e000}', '\u{2068}', '\u{2069}'] {
            assert!(!html.contains(mark), "{code} {name} contains {mark:?}");
        }
        assert_eq!(html.matches("<h1>").count(), 1, "{code} {name}");
        assert_eq!(html.matches("<main").count(), 1, "{code} {name}");
    });
}

#[test]
fn no_page_carries_a_style_or_script_of_its_own() {
    for_every_page(&Texts::ordinary(), |_, name, html| {
        assert!(!html.contains("<style") && !html.contains(" style="), "{name}");
        assert_eq!(html.matches("<script").count(), html.matches("<script src=").count(), "{name}");
        assert!(!html.contains("javascript:"), "{name}");
        let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap());
        for tag in tags {
            assert!(
                !tag.split_whitespace().any(|part| part.starts_with("on") && part.contains('=')),
                "{name}: {tag}"
            );
        }
    });
}

#[test]
fn hostile_texts_are_escaped_wherever_they_stand() {
    let hostile = Texts::all("\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{ $name }");
    let catalogue = Catalogue::load();
    let ordinary = every_page(&catalogue, Language::En, &Texts::ordinary());
    for_every_page(&hostile, |_, name, html| {
        assert!(!html.contains("<script>") && !html.contains("<img") && !html.contains("'>"), "{name}");
        let plain = &ordinary.iter().find(|(own, _)| own == name).unwrap().1;
        // No tag more and no tag less than with ordinary texts; the QR code is one path whatever it encodes.
        assert_eq!(html.matches('<').count(), plain.matches('<').count(), "{name}");
    });
}

#[test]
fn no_link_leaves_the_origin_whatever_the_deep_link_says() {
    for deep_link in
        ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://evil.example", "/\tx", "", "x"]
    {
        let texts = Texts { deep_link: deep_link.to_owned(), ..Texts::ordinary() };
        for (name, html) in every_page(&Catalogue::load(), Language::En, &texts) {
            for link in attributes(&html, "href") {
                let ours =
                    link.starts_with('#') || link.starts_with("mailto:") || link.starts_with("otpauth:");
                let path = link.starts_with('/') && !link.starts_with("//") && !link.contains(['\\', '\t']);
                // The ways to a provider and to other portals leave us, and come from the file alone.
                let away = name == "provider-going" && link.starts_with("https://id.example.com/authorize?")
                    || name == "handing-over"
                        && link.starts_with("https://wiki.example.com/.vestibule/hand-over/arrive?")
                    || name == "signed-out-here" && link == "https://door.example.com/.vestibule/logout"
                    || name == "portals" && link == "https://wiki.example.com/start";
                assert!(ours || path || away, "{name}: {link} from {deep_link:?}");
            }
        }
    }
}

#[test]
fn errors_come_first_in_the_title_and_take_the_focus() {
    for (language, word) in [
        (Language::En, "Error: "),
        (Language::Nl, "Fout: "),
        (Language::De, "Fehler: "),
        (Language::Fr, "Erreur\u{a0}: "),
    ] {
        for (name, html) in every_page(&Catalogue::load(), language, &Texts::ordinary()) {
            let failed = html.contains("id=\"error\"");
            assert_eq!(html.contains(&format!("<title>{word}")), failed, "{name}");
            if failed {
                assert!(html.contains("id=\"error\" role=\"alert\" tabindex=\"-1\" autofocus"), "{name}");
            }
            assert!(html.matches(" autofocus").count() <= 1, "{name} fights over the focus");
        }
    }
}

#[test]
fn every_reference_inside_a_page_leads_somewhere() {
    for_every_page(&Texts::ordinary(), |_, name, html| {
        let ids = attributes(html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name} uses an id twice: {ids:?}");
        for reference in
            ["for", "aria-describedby", "aria-labelledby", "data-reveal", "data-caps", "data-copy"]
        {
            for id in attributes(html, reference).into_iter().flat_map(str::split_whitespace) {
                assert!(ids.contains(&id), "{name}: {reference}={id}");
            }
        }
    });
}

#[test]
fn every_form_posts_to_our_own_pages_with_a_token() {
    for_every_page(&Texts::ordinary(), |_, name, html| {
        for form in html.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            // The one that goes to the portal: its only field is known by its length, and is a token itself.
            if form.starts_with("method=\"post\" action=\"https://planning.example.com/") {
                let field = "<input type=\"hidden\" name=\"vestibule-resend\" value=\"";
                assert!(form.contains(field) && form.matches("<input").count() == 1, "{name}: {form}");
                assert!(form.contains("<button type=\"submit\" class=\"main\" aria-"), "{name}: {form}");
                continue;
            }
            if form.starts_with(&format!("method=\"get\" action=\"{PREFIX}admin")) {
                // It asks and changes nothing: its address is one to keep, and carries no token.
                assert!(form.contains("type=\"submit\"") && !form.contains("csrf"), "{name}: {form}");
                continue;
            }
            assert!(form.starts_with(&format!("method=\"post\" action=\"{PREFIX}")), "{name}: {form}");
            assert!(form.contains("<input type=\"hidden\" name=\"csrf\" value=\"c3Jm"), "{name}: {form}");
            // A form without a button of its own has one elsewhere on the page.
            let elsewhere = attributes(form, "id").first().map(|id| format!("type=\"submit\" form=\"{id}\""));
            let has_button =
                form.contains("type=\"submit\"") || elsewhere.is_some_and(|tag| html.contains(&tag));
            assert!(has_button, "{name}: {form}");
        }
    });
}

#[test]
fn a_page_and_all_it_loads_stay_under_thirty_kilobytes_and_five_requests() {
    for_every_page(&Texts::ordinary(), |_, name, html| {
        let loaded: BTreeSet<_> = attributes(html, "href")
            .into_iter()
            .chain(attributes(html, "src"))
            .filter(|url| url.contains("/assets/"))
            .collect();
        let assets: usize = loaded
            .iter()
            .map(|url| {
                let asset = assets::find(url.strip_prefix(&format!("{PREFIX}assets/")).unwrap()).unwrap();
                asset.gzip.as_ref().unwrap_or(&asset.bytes).len()
            })
            .sum();
        assert!(loaded.len() < 5, "{name} takes {} requests", 1 + loaded.len());
        assert!(html.len() + assets < 30_000, "{name}: {} + {assets}", html.len());
    });
    assert!(
        assets::find(assets::url("", "app.css").strip_prefix("assets/").unwrap()).unwrap().bytes.len()
            < 12_000
    );
}

#[test]
fn long_lists_are_cut_and_say_how_much_is_left_out() {
    let html = page("account-crowded");
    let buttons = |action: &str| {
        let form = html.split(&format!("name=\"action\" value=\"{action}\"")).nth(1).unwrap();
        form.split("</form>").next().unwrap().matches("name=\"id\"").count()
    };
    assert_eq!((buttons("remove_device"), buttons("remove_address")), (5, 5));
    assert!(html.contains("… and one more<") && html.contains("… and 35 more<"));
    assert!(!page("account").contains("… and"));
}

#[test]
fn the_code_field_is_one_numeric_field_with_a_label() {
    let html = page("code");
    let field = html.split("<input type=\"text\" class=\"code\"").nth(1).unwrap().split('>').next().unwrap();
    for part in [
        "inputmode=\"numeric\"",
        "autocomplete=\"one-time-code\"",
        "pattern=\"[0-9 ]*\"",
        "maxlength=\"9\"",
        "name=\"code\"",
    ] {
        assert!(field.contains(part), "{part} in {field}");
    }
    assert!(html.contains("<label for=\"code\">"));
    assert_eq!(html.matches("id=\"code\"").count(), 1);
    assert!(html.contains("A new code appears every 30 seconds."));
}

#[test]
fn trust_is_offered_unticked_and_only_when_offered() {
    let html = page("code");
    assert!(html.contains("name=\"trust_device\"") && html.contains("name=\"trust_address\""));
    assert!(!html.contains(" checked"));
    assert!(html.contains("Remember this device for 30 days"));
    assert!(html.contains("Trust the office network 2001:db8:85a3:1200::/64 for 30 days"));
    let without = page("code-untrusted");
    assert!(!without.contains("trust_device") && !without.contains("trust_address"));
    for (name, span) in [("one-day", "one day"), ("twelve-hours", "12 hours"), ("one-minute", "one minute")] {
        let html = page(&format!("code-{name}"));
        assert!(html.contains(&format!("Remember this device for {span}<")), "{name}");
        assert!(html.contains(&format!("Trust the office network 198.51.100.7 for {span}<")), "{name}");
    }
    assert_eq!(page("code-one-day").matches(" checked").count(), 2, "a choice made before an error is kept");
}

#[test]
fn a_trusted_address_says_whom_it_covers() {
    assert!(page("code").contains("anyone there who knows your password or reads your mail could sign in"));
    assert!(page("code-reach-portal").contains("everyone on this network would skip the code for Planning"));
    assert!(
        page("code-reach-everyone").contains("everyone on this network would skip the code on every portal")
    );
}

#[test]
fn what_was_typed_is_kept_after_an_error_and_the_password_is_not() {
    let html = page("login-wrong");
    assert!(html.contains("name=\"username\" value=\"anna\""));
    assert!(html.contains("name=\"return_to\" value=\"/reports?week=47&#38;team=a+b\""));
    let password = html.split("<input type=\"password\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(!password.contains("value="));
    assert!(password.contains("aria-invalid=\"true\" aria-describedby=\"error-text\""));
}

#[test]
fn the_next_try_is_told_as_a_time() {
    let html = page("login-too-many-until");
    assert!(html.contains("<time datetime=\"2026-11-22T14:17:00Z\">14:17 UTC</time>"), "{html}");
}

#[test]
fn languages_are_linked_by_their_own_names_and_keep_the_deep_link() {
    let html = page("login");
    assert!(html.contains("lang=\"nl\" hreflang=\"nl\""));
    assert!(html.contains(
        "href=\"/.vestibule/language?to=fr&amp;return_to=%2F.vestibule%2Flogin%3Freturn_to%3D%2Freports%3Fweek%3D47%26team%3Da%2Bb\""
    ));
    assert!(html.contains(">Français</a>") && html.contains(">Deutsch</a>"));
}

#[test]
fn an_asset_is_found_under_its_hashed_name_only() {
    let url = assets::url(PREFIX, "app.css");
    let name = url.strip_prefix("/.vestibule/assets/").unwrap();
    let found = assets::find(name).unwrap();
    assert_eq!(found.content_type, "text/css; charset=utf-8");
    assert!(name.contains(found.etag.trim_matches('"')));
    for wrong in ["app.css", "", "../assets/app.css", "app.000000000000.css", "%2e%2e/app.css"] {
        assert!(assets::find(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn the_style_sheet_and_the_script_load_nothing_from_elsewhere() {
    for name in ["app.css", "app.js", "favicon.svg"] {
        let url = assets::url("", name);
        let asset = assets::find(url.strip_prefix("assets/").unwrap()).unwrap();
        let text = String::from_utf8_lossy(&asset.bytes).replace("http://www.w3.org/2000/svg", "");
        for outside in ["//cdn", "http:", "https:", "@import", "url(", "eval", "innerHTML"] {
            assert!(!text.contains(outside), "{name} contains {outside}");
        }
    }
}
