//! Typical mistakes, and the words they are answered with.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::config::{Color, Files, Loaded, load, load_text};

const HEAD: &str = r#"[tls]
certificates = [{ chain = "tls/chain.pem", key = "tls/key.pem" }]
[[directory]]
kind = "file"
path = "users.example.toml"
"#;

const PORTAL: &str = r#"[[portal]]
name = "wiki"
hosts = ["wiki.example.com"]
upstream = "http://127.0.0.1:8080"
"#;

const RULE: &str = r#"[[portal.rule]]
policy = "two_factor"
"#;

fn read(text: &str) -> Loaded {
    load_text(Path::new("config/vestibule.toml"), text, Files::Assumed)
}

#[test]
fn every_slip_is_answered_with_its_place_and_a_remedy() {
    let p = |s: &str| format!("{HEAD}{PORTAL}{s}");
    let port = |from: &str, to: &str| format!("{HEAD}{}{RULE}", PORTAL.replace(from, to));
    let cases = [
        ("a key misspelt", port("hosts", "hots")),
        (
            "an authority without its terms, over http, proved where nothing listens",
            format!(
                "[server]\nhttp = []\n[tls.acme]\ndirectory = \"http://ca.example.org/dir\"\ncontact = \"it\"\n\
                 challenges = [\"http-01\"]\nexternal_account = {{ id = \"x\", key = \"abc\" }}\n{}",
                port("wiki.example.com", "10.0.0.1").replace(
                    "[tls]\ncertificates = [{ chain = \"tls/chain.pem\", key = \"tls/key.pem\" }]\n",
                    ""
                )
            ),
        ),
        (
            "three slips in three tables",
            format!("[sever]\nhttps = []\n[sesion]\nidle = \"8h\"\n[trust]\ndevcie = \"30d\"\n{}", p(RULE)),
        ),
        ("a policy misspelt", p("[[portal.rule]]\npolicy = \"tow_factor\"\n")),
        ("a URL without its colon", port("http://127.0.0.1:8080", "http//127.0.0.1:8080")),
        ("a URL without its scheme", port("http://127.0.0.1:8080", "127.0.0.1:8080")),
        ("an upstream with a path", port("http://127.0.0.1:8080", "http://127.0.0.1:8080/app")),
        ("a port beyond the last", port("http://127.0.0.1:8080", "http://127.0.0.1:99999")),
        ("an upstream of WebSockets", port("http://127.0.0.1:8080", "ws://127.0.0.1")),
        ("a scheme misspelt", port("http://127.0.0.1:8080", "htpp://127.0.0.1")),
        ("an upstream without dots", port("http://127.0.0.1:8080", "wiki-backend")),
        ("one host without brackets", port("[\"wiki.example.com\"]", "\"wiki.example.com\"")),
        ("a host as a URL", port("[\"wiki.example.com\"]", "[\"https://wiki.example.com/\"]")),
        (
            "a host with a port, a wildcard, a blank, bare IPv6",
            port(
                "[\"wiki.example.com\"]",
                "[\"wiki.example.com:8443\", \"*.example.com\", \"wiki example\", \"::1\"]",
            ),
        ),
        ("one host at two portals", format!("{}{}{RULE}", p(RULE), PORTAL.replace("\"wiki\"", "\"wiki2\""))),
        ("one name for two portals", format!("{}{PORTAL}{RULE}", p(RULE))),
        ("a pattern without its slash", p("[[portal.rule]]\npath = \"public/**\"\npolicy = \"bypass\"\n")),
        ("a star within a segment", p("[[portal.rule]]\npath = \"/public*\"\npolicy = \"bypass\"\n")),
        ("two stars inside", p("[[portal.rule]]\npath = \"/a/**/b\"\npolicy = \"bypass\"\n")),
        ("a pattern with an escape", p("[[portal.rule]]\npath = \"/a%20b\"\npolicy = \"bypass\"\n")),
        (
            "networks",
            p("[[portal.rule]]\nnetworks = [\"10.0.0.0/33\", \"10.1.2.3/8\"]\npolicy = \"two_factor\"\n"),
        ),
        (
            "subjects",
            p(
                "[[portal.rule]]\nsubjects = [\"office\", \"anna\", \"group:ofice\", \"user:ana\", \"role:x\"]\npolicy = \"two_factor\"\n",
            ),
        ),
        (
            "an address as a subject, and a public rule about people",
            p("[[portal.rule]]\nsubjects = [\"user:anna@example.com\"]\npolicy = \"bypass\"\n"),
        ),
        (
            "a rule below the last one",
            p(
                "[[portal.rule]]\npolicy = \"two_factor\"\n[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\n",
            ),
        ),
        ("methods", p("[[portal.rule]]\npolicy = \"one_factor\"\nmethods = [\"get\", \"GTE\", \"P OST\"]\n")),
        (
            "lists that were emptied",
            p("[[portal.rule]]\nsubjects = []\nnetworks = []\nmethods = []\npolicy = \"two_factor\"\n"),
        ),
        (
            "step-up where nothing is asked",
            p(
                "[[portal.rule]]\npath = \"/public/**\"\npolicy = \"bypass\"\nmax_age = \"15m\"\n[[portal.rule]]\npolicy = \"deny\"\nfactors = [\"totp\"]\n",
            ),
        ),
        (
            "step-up that cannot be met, or never asks",
            p(
                "[[portal.rule]]\npath = \"/a\"\npolicy = \"two_factor\"\nmax_age = \"30s\"\nfactors = [\"email\"]\n[[portal.rule]]\npath = \"/b\"\npolicy = \"two_factor\"\nmax_age = \"24h\"\nfactors = []\n",
            ),
        ),
        (
            "a second factor asked of one",
            format!(
                "[second_factor]\nrequirement = \"off\"\n{}",
                p("[[portal.rule]]\npolicy = \"one_factor\"\nmax_age = 15\nfactors = [\"totp\"]\n")
            ),
        ),
        ("a list with nothing but a slip", p("[[portal.rule]]\nnetworks = [10]\npolicy = \"two_factor\"\n")),
        (
            "a public rule below a closed folder",
            p(
                "[[portal.rule]]\npath = \"/admin/**\"\npolicy = \"deny\"\n[[portal.rule]]\npath = \"/**\"\npolicy = \"bypass\"\n",
            ),
        ),
        (
            "everybody a proxy, in two halves",
            format!("[server]\ntrusted_proxies = [\"10.0.0.5\", \"::/1\", \"8000::/1\"]\n{}", p(RULE)),
        ),
        (
            "everybody may say whose connection it is",
            format!("[server]\nproxy_protocol = [\"0.0.0.0/0\", \"ten\"]\n{}", p(RULE)),
        ),
        (
            "nearly everybody a proxy",
            format!("[server]\ntrusted_proxies = [\"0.0.0.0/1\", \"8000::/1\"]\n{}", p(RULE)),
        ),
        (
            "trust that is wide and long",
            format!(
                "[trust]\ndevice = \"31d\"\naddress = \"721h\"\naddress_scope = \"everyone\"\n{}",
                p(RULE)
            ),
        ),
        ("trust that no day ends", format!("[trust]\ndevice = \"until-password-change\"\n{}", p(RULE))),
        (
            "trust that no day ends, misspelt",
            format!(
                "[trust]\ndevice = \"until_password_change\"\naddress = \"until-password-change\"\n{}",
                p(RULE)
            ),
        ),
        (
            "unlocking what is never remembered",
            format!("[trust]\ndevice = \"off\"\nunlock = [\"pin\"]\n{}", p(RULE)),
        ),
        (
            "unlocking twice, with what is no method, and with what there is not",
            format!("[trust]\nunlock = [\"pin\", \"pin\", \"passkey\", \"face\"]\n{}", p(RULE)),
        ),
        (
            "trust of a portal's visitors in each other",
            format!("[trust]\ndevice = \"30d\"\naddress_scope = \"portal\"\n{}", p(RULE)),
        ),
        (
            "trust that is off",
            format!("[trust]\naddress = \"off\"\naddress_scope = \"everyone\"\n{}", p(RULE)),
        ),
        ("an upstream across the internet", port("http://127.0.0.1:8080", "http://wiki.example.net")),
        (
            "spans of time",
            format!(
                "[session]\nidle = 8\nlifetime = \"24\"\n[trust]\ndevice = \"1mo\"\naddress = \"2 years\"\n{}",
                p(RULE)
            ),
        ),
        ("an open quote", port("name = \"wiki\"", "name = \"wiki")),
        ("no quotes", port("name = \"wiki\"", "name = wiki")),
        ("curly quotes", port("name = \"wiki\"", "name = “wiki”")),
        ("a title for a name", port("name = \"wiki\"", "name = \"Our Wiki\"")),
        ("one bracket too few", port("[[portal]]", "[portal]")),
        ("a broken header", port("[[portal]]", "[[portal]")),
        ("no upstream", port("upstream = \"http://127.0.0.1:8080\"", "")),
        (
            "no upstream, and what is about one",
            port("upstream = \"http://127.0.0.1:8080\"", "idle_timeout = \"1m\""),
        ),
        ("a badge in the pages of nothing", port("upstream = \"http://127.0.0.1:8080\"", "badge = true")),
        ("a badge that is no yes or no", p("badge = \"yes\"\n") + RULE),
        (
            "colours nobody can read, and what is none",
            format!(
                "[pages]\ncolor = \"#ffcc00\"\ncolor_dark = \"#17559e\"\n{}",
                p("color = \"#15e\"\ncolor_dark = \"blue\"\n") + RULE
            ),
        ),
        ("a colour for dark pages alone", p("color_dark = \"#8fbcf7\"\n") + RULE),
        (
            "a welcome that nobody reads, and a start elsewhere",
            p("welcome = \"Hello\"\nstart = \"https://wiki.example.com/dashboard\"\n") + RULE,
        ),
        ("a port that nobody uses", format!("[server]\npublic_port = 0\n{}", p(RULE))),
        ("one sign-in without a home", format!("[single_sign_on]\nportals = [\"wiki\"]\n{}", p(RULE))),
        ("one sign-in at a home misspelt", format!("[single_sign_on]\nhome = \"wikki\"\n{}", p(RULE))),
        ("one sign-in for one portal", format!("[single_sign_on]\nhome = \"wiki\"\n{}", p(RULE))),
        (
            "one sign-in for the home itself and for nobody",
            format!("[single_sign_on]\nhome = \"wiki\"\nportals = [\"wiki\", \"wkii\"]\n{}", p(RULE)),
        ),
        (
            "one sign-in where an application stands",
            format!(
                "[single_sign_on]\nhome = \"wiki\"\n{}{}{RULE}",
                p(RULE),
                PORTAL.replace("wiki", "plan").replace("8080", "8081")
            ),
        ),
        ("one sign-in for none", format!("[single_sign_on]\nhome = \"wiki\"\nportals = []\n{}", p(RULE))),
        ("a start among the gateway's own pages", p("start = \"/.vestibule/account\"\n") + RULE),
        (
            "a key twice",
            port(
                "upstream = \"http://127.0.0.1:8080\"",
                "upstream = \"http://127.0.0.1:8080\"\nupstream = \"http://127.0.0.1:8081\"",
            ),
        ),
        (
            "identity headers",
            port(
                "hosts",
                "headers = { user = \"Cookie\", name = \"X_Who\", email = \"X-Who\", groups = \"a b\" }\nhosts",
            ),
        ),
        (
            "an identity header that is another's by default",
            port("hosts", "headers = { user = \"Remote.Name\", groups = true }\nhosts"),
        ),
        ("a store of a later version", format!("[store]\nurl = \"postgres://db/x\"\n{}", p(RULE))),
        ("a store without its kind", format!("[store]\nurl = \"vestibule.db\"\n{}", p(RULE))),
        (
            "a store of people with a path, and twice",
            p(RULE).replace("kind = \"file\"", "kind = \"store\"") + "[[directory]]\nkind = \"store\"\n",
        ),
        ("administrators nowhere", format!("[admin]\nsecurity = [\"user:anna\"]\n{}", p(RULE))),
        (
            "administrators who are nobody, at a portal that is none",
            format!(
                "[admin]\nportals = [\"wikki\"]\nsecurity = [\"anna\"]\nhelp_desk = [\"user:bbo\"]\n{}",
                p(RULE)
            ),
        ),
        (
            "a tenant without groups, one with a comma, and nobody for the rest",
            format!(
                "[admin]\nportals = [\"wiki\"]\n[[admin.tenant]]\nsubjects = [\"user:anna\"]\n\
                 [[admin.tenant]]\nsubjects = [\"user:anna\"]\ngroups = [\"a,b\"]\n{}",
                p(RULE)
            ),
        ),
        ("a directory of a later version", p(RULE).replace("kind = \"file\"", "kind = \"ldap\"")),
        (
            "a test",
            format!("{}[[test]]\nurl = \"wiki.exmaple.com/x\"\nuser = \"ana\"\nip = \"10.1\"\n", p(RULE)),
        ),
        (
            "a test of a path, in other words",
            format!("{}[[test]]\nurl = \"/x\"\nexpect = \"2fa\"\n", p(RULE)),
        ),
        (
            "listeners and limits",
            format!(
                "[server]\nhttps = [\"443\", \"[::]:443\"]\nhttp = [\"[::]:443\"]\ntrusted_proxies = [\"0.0.0.0/0\"]\nworkers = -1\nprefix = \"auth\"\ninternal = \"0.0.0.0:9091\"\n{}",
                p(RULE)
            ),
        ),
        ("a table with a hyphen", format!("[second-factor]\nrequirement = \"require\"\n{}", p(RULE))),
        (
            "words on the second factor",
            format!("[second_factor]\nrequirement = \"require\"\nmethods = [\"email\"]\n{}", p(RULE)),
        ),
        (
            "logs and pages",
            format!(
                "[log]\nlevel = \"inof\"\naccess = \"true\"\n[pages]\nlanguage = \"english\"\nsupport = {{ label = \"x\", url = \"it@example.com\" }}\n{}",
                p(RULE)
            ),
        ),
        (
            "links without mail, a way listed twice, and no way at all",
            format!(
                "[sign_in]\nmethods = [\"link\", \"password\", \"password\"]\n{}",
                p("sign_in = []\n") + RULE
            ),
        ),
        (
            "mail with slips",
            format!(
                "[mail]\nfrom = \"Planning\"\ntimeout = \"5m\"\n[mail.smtp]\nhost = \"smtp://mail.example.com\"\nport = 465\nsecurity = \"ssl\"\nusername = \"x\"\npassword = \"hunter2\"\n{}",
                p(RULE)
            ),
        ),
        (
            "mail that others could read",
            format!(
                "[mail]\nfrom = \"no-reply@example.com\"\nsmtp = {{ host = \"mail.example.com\", security = \"none\", username = \"x\" }}\n{}",
                p(RULE)
            ),
        ),
        (
            "mail within a network",
            format!(
                "[mail]\nfrom = \"no-reply@example.com\"\nsmtp = {{ host = \"10.0.0.5\", security = \"none\" }}\n{}",
                p(RULE)
            ),
        ),
        (
            "mail with two ways",
            format!(
                "[mail]\nfrom = \"a@example.com\"\nsmtp = {{ host = \"localhost\" }}\nsendmail = \"/usr/sbin/sendmail\"\n{}",
                p(RULE)
            ),
        ),
        ("mail without a way", format!("[mail]\n{}", p(RULE))),
        (
            "text messages with slips",
            format!(
                "[sms]\nper_day = 0\n[[sms.provider]]\nurl = \"http://sms.example.com/send\"\nmethod = \"GET\"\njson = {{ to = \"{{number}}\", text = \"{{text}}\" }}\n[sms.provider.headers]\nAuthorization = \"Bearer hunter2\"\nX-Api-Key = \"hunter2\"\nHost = \"x\"\n[sms.provider.signature]\nheader = \"X Signature\"\n{}",
                p(RULE)
            ),
        ),
        (
            "text messages without a word",
            format!(
                "[sms]\n[[sms.provider]]\nurl = \"sms.example.com\"\n[[sms.provider]]\nurl = \"https://sms.example.com\"\nform = {{ to = \"{{to}}\" }}\n{}",
                p(RULE)
            ),
        ),
        ("text messages nobody carries", format!("[sms]\nper_person = 5\n{}", p(RULE))),
        ("nothing", String::new()),
        ("a portal and nothing else", PORTAL.to_owned()),
        ("no TOML", "This is no TOML at all".to_owned()),
        ("a rule about the gateway's own pages", p("[[portal.rule]]\npath = \"/.vestibule/login\"\n")),
    ];
    let mut told = String::new();
    for (name, text) in cases {
        told += &format!("## {name}\n\n{}", read(&text).report(Color::Plain));
    }
    assert_told("mistakes.txt", include_str!("mistakes.txt"), &told);
    assert!(!told.contains("hunter2"), "no secret is shown");
}

/// Compares with the words on record; where they differ the new ones are kept for reading.
fn assert_told(name: &str, on_record: &str, told: &str) {
    if told != on_record {
        let fresh = std::env::temp_dir().join(name);
        fs::write(&fresh, told).unwrap();
        panic!("{name} no longer says what is said; read {} and keep it if it is better", fresh.display());
    }
}

#[test]
fn every_slip_in_the_people_is_answered_and_no_password_is_shown() {
    let hash =
        "$argon2id$v=19$m=19456,t=2,p=1$JTQ3hKNbS+Ribexx7RyxLw$MH+/f5793SwXg8mN7bbLT/3sM33YIC2ewnaBIG3asTI";
    let folder = tempfile::tempdir().unwrap();
    let users = format!(
        r#"
[[user]]
name = "anna"
email = "anna@example.com"
password = "secret"
[[user]]
name = "Anna@example.com"
password = "$2y$10$abcdefghijklmnopqrstuv"
[[user]]
name = "ida"
password = "$ecret"
[[user]]
name = "ANNA"
paswrod = "x"
[[user]]
name = "bob"
groups = ["a,b", "c\nd", ""]
password = "{}"
[[user]]
name = " eve"
email = "eve"
password = "{}"
second_factor = "on"
[[user]]
display_name = "x"
[[user]]
name = "fay"
password = {{ file = "nowhere" }}
[[user]]
name = "gus"
password = {{ file = "nowhere", env = "X" }}
[[user]]
name = "hal"
password = 12345
"#,
        hash.replace("m=19456", "m=4000000"),
        hash.replace("m=19456", "m=1024"),
    );
    fs::write(folder.path().join("users.toml"), users).unwrap();
    fs::set_permissions(folder.path().join("users.toml"), fs::Permissions::from_mode(0o640)).unwrap();
    let main = folder.path().join("vestibule.toml");
    fs::write(&main, format!("{HEAD}{PORTAL}{RULE}").replace("users.example", "users")).unwrap();
    let told = load(&main, Files::Checked).report(Color::Plain).replace(folder.path().to_str().unwrap(), "");
    assert_told("people.txt", include_str!("people.txt"), &told);
    for secret in ["secret", "ecret", "12345", "JTQ3hKNbS", "abcdefghijklmnopqrstuv"] {
        assert!(!told.contains(secret), "{secret} is shown");
    }
}

#[test]
fn a_logo_is_a_small_drawing_or_picture_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("users.toml"), "").unwrap();
    fs::set_permissions(folder.path().join("users.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    let main = folder.path().join("vestibule.toml");
    let text = format!("{HEAD}{PORTAL}logo = \"logo\"\n{RULE}").replace("users.example", "users");
    fs::write(&main, text).unwrap();
    let report = |logo: &[u8]| {
        fs::write(folder.path().join("logo"), logo).unwrap();
        let report = load(&main, Files::Checked).report(Color::Plain);
        report.lines().filter(|line| line.contains("/logo ")).collect::<String>()
    };
    let png = |width: u32| {
        let size = [width.to_be_bytes(), 10_u32.to_be_bytes()].concat();
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &size].concat()
    };
    let svg = |inner: &str| format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inner}</svg>").into_bytes();
    assert_eq!(report(&png(2000)), "");
    assert!(report(&png(2001)).contains("is 2001 by 10 points"));
    assert_eq!(report(&svg("<path d=\"M0 0h9\"/>")), "");
    assert!(report(&svg("<script>1</script>")).contains("holds more than a drawing: a script"));
    assert!(report(b"GIF89a").contains("is neither SVG nor PNG"));
    let long = |bytes: usize| svg(&" ".repeat(bytes - svg("").len()));
    assert_eq!(report(&long(6000)), "");
    assert!(report(&long(6001)).contains("has more than 6000 bytes"));
    fs::remove_file(folder.path().join("logo")).unwrap();
    assert!(load(&main, Files::Checked).report(Color::Plain).contains("cannot be used as a logo"));
}

#[test]
fn approvals_need_the_app_that_links_their_page() {
    let report = |methods: &str| {
        let text = format!("{HEAD}[second_factor]\nmethods = {methods}\n{PORTAL}{RULE}");
        read(&text).report(Color::Plain)
    };
    let alone = report("[\"approval\"]");
    assert!(alone.contains("\"approval\" without \"totp\""), "{alone}");
    assert!(alone.contains("write methods = [\"approval\", \"totp\"]"), "{alone}");
    for both in ["[\"approval\", \"totp\"]", "[\"totp\", \"approval\"]"] {
        assert!(!report(both).contains("approval"), "{}", report(both));
    }
}
