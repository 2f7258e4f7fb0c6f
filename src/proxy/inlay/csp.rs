//! Whether the policy of a page (Content Security Policy, level 3) lets it load what a piece of ours needs.

/// Whether a page under `https://authority` with these policies may load a style sheet and a picture from there. Several stand
/// between commas, and each must allow it. What is not understood allows nothing.
pub(super) fn admits(policies: &str, authority: &str) -> bool {
    policies.split(',').all(|policy| Policy::read(policy).admits(authority))
}

/// The directives of one policy.
struct Policy<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Policy<'a> {
    fn read(policy: &'a str) -> Self {
        let directives = policy.split(';').map(|directive| directive.trim_ascii());
        Self(
            directives
                .map(|text| text.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((text, "")))
                .collect(),
        )
    }

    fn admits(&self, authority: &str) -> bool {
        // A sandbox makes the page a stranger to its own origin.
        self.sources("sandbox").is_none()
            && self.sources("require-sri-for").is_none()
            && self.is_open_to(&["style-src-elem", "style-src", "default-src"], authority)
            && self.is_open_to(&["img-src", "default-src"], authority)
    }

    /// Whether the first of these directives that is there names our origin.
    fn is_open_to(&self, names: &[&str], authority: &str) -> bool {
        let Some(sources) = names.iter().find_map(|name| self.sources(name)) else { return true };
        sources.split_ascii_whitespace().any(|source| {
            let host = source.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
            let host = host.map_or(source, |scheme| &source[scheme.len()..]);
            source == "*"
                || source.eq_ignore_ascii_case("'self'")
                || source.eq_ignore_ascii_case("https:")
                || host.eq_ignore_ascii_case(authority)
        })
    }

    /// What follows a directive; a second one of the same name counts for nothing.
    fn sources(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, sources)| *sources)
    }
}

#[cfg(test)]
mod tests {
    use super::admits;

    #[test]
    fn a_policy_lets_us_in_where_style_and_picture_may_come_from_our_origin() {
        for policy in [
            "",
            " ; ",
            "script-src 'none'; object-src 'none'",
            "default-src 'self'",
            "default-src 'SELF' data:",
            "Default-Src *",
            "default-src https:",
            "default-src\t'self'",
            "default-src 'none'; style-src 'self'; img-src https://wiki.example.com:8443 data:",
            "default-src 'none'; style-src-elem 'self'; style-src 'none'; img-src WIKI.example.com:8443",
            "default-src 'self' 'none'",
            "style-src 'self' 'nonce-abc'; img-src *",
            "upgrade-insecure-requests; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
            "default-src 'self', img-src 'self'",
            "require-trusted-types-for 'script'; trusted-types 'none'",
        ] {
            assert!(admits(policy, "wiki.example.com:8443"), "{policy}");
        }
    }

    #[test]
    fn a_policy_that_forbids_style_or_picture_keeps_us_out() {
        for policy in [
            "default-src 'none'",
            "default-src",
            "style-src 'none'",
            "style-src",
            "style-src 'unsafe-inline'",
            "style-src 'nonce-abc' 'strict-dynamic'",
            "style-src 'sha256-abc'",
            "default-src 'self'; style-src-elem https://cdn.example.com",
            "style-src https://wiki.example.com:8443/css/",
            "style-src https://wiki.example.com",
            "style-src http://wiki.example.com:8443",
            "style-src *.example.com",
            "default-src 'self'; img-src 'none'",
            "default-src 'self'; img-src data:",
            "default-src 'none'; default-src 'self'",
            "sandbox",
            "Sandbox allow-scripts allow-same-origin",
            "require-sri-for script style",
            "default-src 'self', default-src 'none'",
            "img-src 'self',style-src 'none'",
        ] {
            assert!(!admits(policy, "wiki.example.com:8443"), "{policy}");
        }
    }
}
