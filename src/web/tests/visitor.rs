//! A visitor with a cookie jar and, once linked, an authenticator app.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, Method, header};
use http_body_util::BodyExt;

use super::{House, PASSWORD};
use crate::{
    config::settings::Unlock,
    domain::{
        facts::{Host, RequestFacts, RequestId, RequestKind},
        path::NormalPath,
        policy::PortalIndex,
        standing::{Known, Second, Standing},
        time::Clock,
        token::Token,
        trust::Spared,
    },
    store::hot::LiveSession,
    web::{self, Endpoint, Visit, browser::Browser, cookie, form::Form, respond::Wanted},
};

const HOST: &str = "wiki.example.com";

#[derive(Clone)]
pub(super) struct Visitor<'a> {
    pub(super) house: &'a House,
    pub(super) jar: BTreeMap<String, String>,
    pub(super) client: IpAddr,
    /// Which of the portal's hosts is asked.
    pub(super) host: &'static str,
    /// The form token of the page seen last.
    csrf: String,
    /// The key of the linked app.
    pub(super) key: Vec<u8>,
    pub(super) recovery: Vec<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) retry: String,
    pub(super) html: String,
    pub(super) cookies: Vec<String>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(house: &'a House, client: &str) -> Self {
        Self {
            house,
            jar: BTreeMap::new(),
            client: client.parse().unwrap(),
            host: HOST,
            csrf: String::new(),
            key: Vec::new(),
            recovery: Vec::new(),
        }
    }

    pub(super) async fn get(&mut self, target: &str) -> Seen {
        let (endpoint, visit, browser) = self.request(Method::GET, target);
        let answer = web::show(&endpoint, &visit, &browser).await;
        self.see(web::or_problem(answer, &visit, &browser)).await
    }

    /// Posts `fields` and the form token of the last page.
    pub(super) async fn post(&mut self, page: &str, fields: &[(&str, &str)]) -> Seen {
        let (endpoint, visit, browser) = self.request(Method::POST, page);
        let form = self.form(fields);
        let answer = web::submit(&endpoint, &visit, &browser, &form).await;
        self.see(web::or_problem(answer, &visit, &browser)).await
    }

    /// Posts the same thing `times` times at once, and sees the answers without keeping their cookies.
    pub(super) async fn post_at_once(&self, times: usize, page: &str, fields: &[(&str, &str)]) -> Vec<Seen> {
        let posts = (0..times).map(async |_| {
            let mut twin = self.clone();
            twin.post(page, fields).await
        });
        futures_util::future::join_all(posts).await
    }

    pub(super) async fn sign_in(&mut self, name: &str, password: &str, return_to: &str) -> Seen {
        self.get(&format!("/.vestibule/login?again=1&return_to={return_to}")).await;
        self.post("login", &[("username", name), ("password", password), ("return_to", return_to)]).await
    }

    /// Signs in and links an app; the password was already right when this is asked.
    pub(super) async fn enrol(&mut self, name: &str) -> Seen {
        let seen = self.sign_in(name, PASSWORD, "/").await;
        assert_eq!((seen.status, seen.page()), (303, "enrol"));
        self.get(&seen.location).await;
        let seen = self.post("enrol", &[("code", &self.code())]).await;
        assert_eq!(seen.status, 200, "{}", seen.html);
        assert_eq!(self.recovery.len(), 10);
        seen
    }

    /// Signs in with password and a fresh code, ticking `ticked`.
    pub(super) async fn sign_in_with_code(&mut self, name: &str, ticked: &[&str]) -> Seen {
        self.next_step();
        let seen = self.sign_in(name, PASSWORD, "/").await;
        assert_eq!((seen.status, seen.page()), (303, "second-factor"));
        self.get(&seen.location).await;
        let code = self.code();
        let mut fields = vec![("code", code.as_str()), ("method", "totp")];
        fields.extend(ticked.iter().map(|name| (*name, "1")));
        self.post("second-factor", &fields).await
    }

    /// What the app shows now.
    pub(super) fn code(&self) -> String {
        self.code_off_by(0)
    }

    /// What an app shows whose clock is `seconds` ahead.
    pub(super) fn code_off_by(&self, seconds: i64) -> String {
        let at = u64::try_from(self.house.clock.now().unix() + seconds).unwrap();
        totp_rs::Builder::new().with_secret(self.key.clone()).build().unwrap().generate(at).to_string()
    }

    /// A well-formed code that is not right, not even on a clock that is off.
    pub(super) fn wrong_code(&self) -> String {
        let near: Vec<String> = (-25..=25).map(|step| self.code_off_by(step * 30)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }

    /// Waits until the app shows another code.
    pub(super) fn next_step(&self) {
        self.house.advance(Duration::from_secs(60));
    }

    /// The cookie of a sign-in under way, or of a browser that has not begun one.
    pub(super) fn login_token(&self) -> Option<Token> {
        cookie::login_token(&self.headers())
    }

    pub(super) fn is_signed_in(&self) -> bool {
        let (_, visit, _) = self.request(Method::GET, "/.vestibule/account");
        visit.live.is_some()
    }

    /// Where the second factor stands.
    pub(super) fn second(&self) -> Option<Second> {
        match self.request(Method::GET, "/.vestibule/account").1.standing {
            Standing::Known(known) => Some(known.second),
            Standing::Stranger => None,
        }
    }

    pub(super) fn request(&self, method: Method, target: &str) -> (Endpoint, Visit, Browser) {
        let target = match target.starts_with('/') {
            true => target.to_owned(),
            false => format!("/.vestibule/{target}"),
        };
        let path = NormalPath::read(&target.parse().unwrap()).unwrap();
        let endpoint = Endpoint::place("/.vestibule/", &path).unwrap();
        let headers = self.headers();
        let (standing, live) = self.recognise(&headers);
        let facts = RequestFacts {
            id: RequestId::new([7; 16]),
            method,
            host: Host::read(self.host).unwrap(),
            authority: self.host.to_owned(),
            path,
            client: self.client,
            kind: RequestKind::Navigation,
        };
        let visit = Visit {
            runtime: Arc::clone(&self.house.runtime),
            services: self.house.services.witnessed(),
            facts,
            portal: PortalIndex(0),
            standing,
            live,
            now: self.house.clock.now(),
        };
        (endpoint, visit, Browser::read(&headers))
    }

    /// As the gateway does it.
    fn recognise(&self, headers: &HeaderMap) -> (Standing, Option<Arc<LiveSession>>) {
        let (store, now) = (&self.house.services.store, self.house.clock.now());
        let find = || {
            let token = cookie::session_token(headers)?;
            let live = store.recall(&self.house.core, &token.hash(), "wiki", now)?;
            let person = self.house.runtime.directory(store).get(&live.session().person)?;
            live.is_live(now, &person.credential).then_some((live, person))
        };
        let Some((live, person)) = find() else { return (Standing::Stranger, None) };
        let session = live.session();
        let (settings, credential) = (&self.house.runtime.settings, &person.credential);
        let device = settings.trust.device.and_then(|span| live.waiving_device(now, credential, span));
        if session.leans_on_device() && (device.is_none() || !settings.trust.unlock.contains(&Unlock::Pin)) {
            return (Standing::Stranger, None);
        }
        live.touch(now);
        let asked = Spared { person: &person.id, credential, portal: "wiki", client: self.client, now };
        let terms = settings.address_terms(self.client);
        let address = terms.and_then(|terms| store.covering_address(&asked, &terms));
        let second = match (session.passed, device, address) {
            (Some(passed), ..) => Second::Passed { method: passed.method, at: passed.at },
            (None, Some(id), _) => Second::TrustedDevice(id.clone()),
            (None, None, Some(id)) => Second::TrustedAddress(id),
            (None, None, None) => Second::Missing,
        };
        let wants_second_factor = live.account().wants_second_factor();
        let known = Known { person, second, wants_second_factor, since: session.opened_at };
        (Standing::Known(known), Some(live))
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookies.join("; ")).unwrap());
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        headers
    }

    fn form(&self, fields: &[(&str, &str)]) -> Form {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(fields);
        if !fields.iter().any(|(name, _)| *name == "csrf") {
            text.append_pair("csrf", &self.csrf);
        }
        Form::parse(text.finish().as_bytes()).unwrap()
    }

    async fn see(&mut self, answer: web::respond::Answer) -> Seen {
        let response = answer.into_response(Wanted::Everything);
        let header = |name| response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        let location = header(header::LOCATION).unwrap_or_default().to_owned();
        let retry = header(header::RETRY_AFTER).unwrap_or_default().to_owned();
        let set = response.headers().get_all(header::SET_COOKIE).iter();
        let cookies: Vec<String> = set.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8(bytes.to_vec()).unwrap();
        for cookie in &cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            match value.is_empty() {
                true => self.jar.remove(name),
                false => self.jar.insert(name.to_owned(), value.to_owned()),
            };
        }
        if let Some(token) = between(&html, "name=\"csrf\" value=\"", "\"") {
            self.csrf = token.to_owned();
        }
        if let Some(secret) = between(&html, "secret=", "&") {
            self.key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        }
        if html.contains("id=\"codes\"") {
            self.recovery = all_between(&html, "<li><code>", "</code>");
        }
        Seen { status, location, retry, html, cookies }
    }
}

impl Seen {
    /// Which page of ours a redirect leads to.
    pub(super) fn page(&self) -> &str {
        let path = self.location.split('?').next().unwrap();
        path.strip_prefix("/.vestibule/").unwrap_or(path)
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }

    /// The record ids of the buttons that do `action`.
    pub(super) fn ids(&self, action: &str) -> Vec<String> {
        self.html
            .split("<form ")
            .filter(|form| form.contains(&format!("value=\"{action}\"")))
            .flat_map(|form| form.split("name=\"id\" value=\"").skip(1))
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    }
}

pub(super) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn all_between(text: &str, before: &str, after: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0.to_owned())).collect()
}
