//! `[[provider]]`: what is read of it, and how slips are answered.

use std::{fs, path::Path};

use secrecy::ExposeSecret;

use crate::config::{
    Color, Files, Loaded, load, load_text,
    settings::{Prompt, ProviderSettings},
};

const REST: &str = r#"
[tls]
certificates = [{ chain = "c.pem", key = "k.pem" }]
[[directory]]
kind = "file"
path = "users.example.toml"
[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
[[portal.rule]]
policy = "two_factor"
"#;

const LEAST: &str = "name = \"acme\"\nissuer = \"https://id.example.com\"\nclient_id = \"vestibule\"\n";

fn read(provider: &str) -> Loaded {
    let text = format!("{REST}[[provider]]\n{provider}");
    load_text(Path::new("config/vestibule.toml"), &text, Files::Assumed)
}

fn settings(provider: &str) -> ProviderSettings {
    let loaded = read(provider);
    assert!(loaded.problems.is_empty(), "{}", loaded.report(Color::Plain));
    loaded.settings.unwrap().providers.remove(0)
}

/// What is said of a slip: the words after "error: " or "warning: ", and the hint.
fn told(provider: &str) -> Vec<(String, String)> {
    let loaded = read(provider);
    let said = loaded.problems.iter();
    said.map(|problem| (problem.message.clone(), problem.hint.clone().unwrap_or_default())).collect()
}

#[test]
fn little_is_needed_and_the_rest_is_careful() {
    let acme = settings(LEAST);
    assert_eq!((acme.name.as_str(), acme.title.as_str()), ("acme", "acme"));
    assert_eq!(acme.scopes, ["openid", "profile", "email"]);
    assert!(acme.client_secret.is_none() && acme.email_domains.is_empty() && acme.accept_amr.is_empty());
    assert_eq!(acme.prompt, Prompt::SelectAccount);
    assert!(acme.is_offered_at("wiki") && acme.is_offered_at("whatever"));
}

#[test]
fn everything_that_is_written_counts() {
    let acme = settings(&format!(
        "{LEAST}title = \"Acme\"\nscopes = [\"email\"]\nportals = [\"wiki\"]\nlink_by_email = true\n\
         email_domains = [\"@Example.com\"]\naccept_amr = [\"mfa\"]\nprompt = \"off\"\nca = \"ca.pem\"\n"
    ));
    assert_eq!((acme.title.as_str(), acme.prompt), ("Acme", Prompt::Nothing));
    assert_eq!(acme.scopes, ["openid", "email"]);
    assert_eq!(
        (acme.email_domains, acme.accept_amr),
        (vec!["example.com".to_owned()], vec!["mfa".to_owned()])
    );
    assert!(acme.ca.unwrap().ends_with("config/ca.pem"));
    let acme = settings(&format!("{LEAST}portals = [\"wiki\"]\n"));
    assert!(acme.is_offered_at("wiki") && !acme.is_offered_at("plan"));
}

#[test]
fn a_provider_on_this_machine_may_be_plain() {
    for issuer in ["http://127.0.0.1:9000", "http://[::1]:9000/realm", "http://localhost:9000"] {
        settings(&LEAST.replace("https://id.example.com", issuer));
    }
}

#[test]
fn every_slip_is_answered_with_a_remedy() {
    let with = |line: &str| format!("{LEAST}{line}\n");
    let issuer = |issuer: &str| LEAST.replace("https://id.example.com", issuer);
    let cases = [
        (LEAST.replace("\"acme\"", "\"Our Login\""), "is no name for a provider", "name = \"our-login\""),
        (issuer("id.example.com"), "is not a URL", "did you mean \"https://id.example.com\"?"),
        (issuer("http://id.example.com"), "is plain http", "write \"https://id.example.com\""),
        (issuer("http://127.0.0.1.example.com"), "is plain http", "https://"),
        (
            issuer("https://id.example.com/.well-known/openid-configuration"),
            "is the address of its description",
            "write \"https://id.example.com\"",
        ),
        (issuer("https://id.example.com/?a=b"), "names no provider", "as the provider does"),
        (issuer("https://me@id.example.com"), "names no provider", "as the provider does"),
        (issuer("ldap://id.example.com"), "is no web address", "as the provider does"),
        (LEAST.replace("client_id = \"vestibule\"", ""), "\"client_id\" is missing", "client_id ="),
        (
            LEAST.replace("issuer", "isuer"),
            "unknown key \"isuer\" in [[provider]]",
            "did you mean \"issuer\"?",
        ),
        (with("client_secret = \"hush-hush\""), "is not written into this file", "{ file ="),
        (with("client_secret = 4711"), "\"client_secret\" is", ""),
        (with("scopes = [\"openid email\"]"), "is no scope", "write each one alone"),
        (with("portals = []"), "no portal is listed", "leave \"portals\" out"),
        (with("portals = [\"wki\"]"), "there is no portal \"wki\"", "did you mean \"wiki\"?"),
        (with("link_by_email = true"), "needs \"email_domains\"", "name the domains"),
        (with("link_by_email = true\nemail_domains = []"), "no address would link anybody", "name domains"),
        (
            with("link_by_email = true\nemail_domains = [\"*.example.com\"]"),
            "is no domain of addresses",
            "after",
        ),
        (with("email_domains = [\"example.com\"]"), "has no effect", "link_by_email = true"),
        (with("accept_amr = [\"pwd\"]"), "is no second factor", "mfa"),
        (with("prompt = \"select-account\""), "\"prompt\" cannot be", "did you mean \"select_account\"?"),
        (with(&format!("[[provider]]\n{LEAST}")), "another provider is called", "a name of its own"),
        (
            with(&format!("[[provider]]\n{}", LEAST.replace("acme", "acme2"))),
            "another provider has this issuer",
            "keep one",
        ),
    ];
    for (text, message, hint) in cases {
        let told = told(&text);
        let is_said = |(said, remedy): &(String, String)| said.contains(message) && remedy.contains(hint);
        assert!(told.iter().any(is_said), "{text}\n{told:?}");
        for secret in ["hush-hush", "4711"] {
            assert!(!read(&text).problems.iter().any(|problem| problem.message.contains(secret)));
        }
    }
}

#[test]
fn the_secret_is_read_from_its_place_and_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vestibule.toml");
    let text = format!("{REST}[[provider]]\n{LEAST}client_secret = {{ file = \"acme.secret\" }}\n");
    fs::write(&file, text).unwrap();
    fs::copy("config/users.example.toml", folder.path().join("users.example.toml")).unwrap();
    let missing = load(&file, Files::Checked).report(Color::Plain);
    assert!(missing.contains("the secret of this provider is in"), "{missing}");
    fs::write(folder.path().join("acme.secret"), " \n").unwrap();
    assert!(load(&file, Files::Assumed).report(Color::Plain).contains("is empty"));
    fs::write(folder.path().join("acme.secret"), "hush-hush\n").unwrap();
    let acme = load(&file, Files::Assumed).settings.unwrap().providers.remove(0);
    assert_eq!(acme.client_secret.as_ref().unwrap().expose_secret(), "hush-hush");
    assert!(!format!("{acme:?}").contains("hush"));
}
