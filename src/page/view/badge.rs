//! The badge that pages of a portal's own carry: a piece of HTML that stands in somebody else's page.
//!
//! It lives in a shadow tree, so that neither page's style touches the other's, and is not shown before its style sheet is
//! there. Its addresses are whole, as a page may have another base.

use askama::Template;

use crate::page::{assets, i18n::Words};

/// The most letters of a name that are shown.
const MOST_LETTERS: usize = 48;

/// Who is signed in, and where that can be changed.
#[derive(Template)]
#[template(path = "badge.html")]
pub struct Badge {
    /// The words of the visitor's language.
    pub words: Words,
    /// `https://` and the host and port the visitor sees.
    pub origin: String,
    /// Where our own pages live, with both slashes: `/.vestibule/`.
    pub prefix: String,
    /// What people call the visitor, as it was written somewhere.
    pub name: String,
    /// The page it stands in, for coming back.
    pub return_to: String,
}

impl Badge {
    /// The piece, in ASCII alone: what else there is to say is said by number, whatever the page's encoding.
    pub fn render(&self) -> String {
        // Rendering into memory fails only when a `Display` does, and none of ours returns an error.
        let html = Template::render(self).unwrap_or_default();
        let mut piece = String::with_capacity(html.len() + 64);
        for letter in html.trim().chars() {
            match letter {
                ' '..='~' => piece.push(letter),
                // Line breaks of the template.
                letter if letter.is_control() => {}
                letter => piece.push_str(&format!("&#{};", u32::from(letter))),
            }
        }
        piece
    }

    fn style(&self) -> String {
        format!("{}{}", self.origin, assets::url(&self.prefix, "badge.css"))
    }

    fn own(&self, page: &str) -> String {
        format!("{}{}{page}", self.origin, self.prefix)
    }

    /// The name without what would not be seen or would turn the line around, and not too long.
    fn shown(&self) -> String {
        let mut letters = self.name.chars().filter(|letter| !is_unseen(*letter));
        let mut shown: String = letters.by_ref().take(MOST_LETTERS).collect();
        if letters.next().is_some() {
            shown.pop();
            shown.push('…');
        }
        shown
    }
}

/// Control characters, those that set the direction of writing, and those of no width but the two that join or part letters.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || matches!(letter, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::i18n::{Catalogue, Language};

    fn badge(name: &str) -> Badge {
        Badge {
            words: Catalogue::load().words(Language::En),
            origin: "https://wiki.example.com:8443".to_owned(),
            prefix: "/.vestibule/".to_owned(),
            name: name.to_owned(),
            return_to: "/reports?a=1&b=\"".to_owned(),
        }
    }

    #[test]
    fn a_badge_says_who_is_signed_in_and_where_that_can_be_changed() {
        let html = badge("Anna Ångström").render();
        assert!(html.contains("Signed in as <bdi>Anna &#197;ngstr&#246;m</bdi>"), "{html}");
        for page in ["account\"", "accounts?return_to=%2Freports%3Fa%3D1%26b%3D%22\"", "logout?return_to="] {
            assert!(
                html.contains(&format!("href=\"https://wiki.example.com:8443/.vestibule/{page}")),
                "{page}: {html}"
            );
        }
        assert!(
            html.starts_with("<vestibule-badge hidden") && html.ends_with("</vestibule-badge>"),
            "{html}"
        );
    }

    #[test]
    fn whatever_the_name_a_badge_has_the_same_tags_and_is_plain_ascii() {
        let tags = badge("anna").render().matches('<').count();
        for name in [
            "</bdi></template><script>alert(1)</script>",
            "\"'><img src=x onerror=alert(1)>",
            "&lt;b&gt; &#60;",
            "\u{202e}evil\u{2069}\u{200f}",
            "a\r\nSet-Cookie: x\0\u{7f}\u{85}\u{2028}",
            "安娜 \u{1f469}\u{200d}\u{1f680}",
            "",
        ] {
            let html = badge(name).render();
            assert_eq!(html.matches('<').count(), tags, "{html}");
            assert!(html.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{html}");
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        }
    }

    #[test]
    fn a_name_shows_no_more_than_forty_eight_letters_and_none_that_turn_the_line() {
        let whole = "å".repeat(48);
        assert_eq!(badge(&whole).shown(), whole);
        assert_eq!(badge(&"å".repeat(49)).shown(), format!("{}…", "å".repeat(47)));
        assert_eq!(badge("\u{202e}an\u{2066}na\n\u{feff}").shown(), "anna");
        assert_eq!(badge("\u{1f469}\u{200d}\u{1f680}").shown(), "\u{1f469}\u{200d}\u{1f680}");
    }

    #[test]
    fn a_badge_says_every_word_in_every_language() {
        let catalogue = Catalogue::load();
        for language in Language::all() {
            let html = Badge { words: catalogue.words(language), ..badge("anna") }.render();
            // ⟦ and the mark of a missing place.
            assert!(!html.contains("&#10214;") && !html.contains("&#57344;"), "{html}");
            assert!(html.contains(&format!("lang=\"{}\"", language.code())), "{html}");
        }
    }
}
