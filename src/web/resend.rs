//! A form that met a sign-in: shown to the one who may send it, and sent with one press.
//!
//! The press is posted to where the form was posted, so that the portal's answer stands under its own address. It carries one
//! field, by which `gateway/resend` knows it; the gateway puts the kept bytes in its place after the rules allowed it. The
//! field is made of the cookies of the session and of the form, so no page but ours, shown to this person, holds it.

mod content;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, uri::PathAndQuery};
use subtle::ConstantTimeEq as _;

use super::{
    browser::Browser,
    cookie,
    fault::Fault,
    form::Form,
    frame::frame,
    problem::{Occasion, frame_of, problem},
    respond::{Answer, Wanted},
    step_up::{page_for, query_of},
    visit::Visit,
};
use crate::{
    domain::{
        facts::RequestFacts,
        identity::UserId,
        kept_form::{KEPT_FOR, KeptForm, Room, SealedForm},
        path::NormalPath,
        policy::{Obstacle, Question, Refusal},
        standing::Standing,
        time::Timestamp,
        token::Token,
    },
    page::view::{self, NotKept, ProblemKind},
    proxy::Body,
    store::{Stored, hot::HotStore},
};

/// The one field of a press.
const FIELD: &[u8] = b"vestibule-resend=";
/// Its value: a hash in base64url.
const VALUE: usize = 43;

/// "Send now", before anybody asked whether it counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Press(String);

impl Press {
    /// How long the body of a press is, to the byte.
    pub const LENGTH: usize = FIELD.len() + VALUE;

    /// Reads a body. Whatever reads as a press is one, and is no business of a portal's.
    pub fn read(body: &[u8]) -> Option<Self> {
        let value = body.strip_prefix(FIELD).filter(|value| value.len() == VALUE)?;
        let is_plain = value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let value = std::str::from_utf8(value).ok().filter(|_| is_plain)?;
        Some(Self(value.to_owned()))
    }

    /// What opens the form, if the press was made for the session and the form of these very cookies.
    pub fn admitted(&self, headers: &HeaderMap) -> Option<Token> {
        let (kept, session) = (cookie::kept_token(headers)?, cookie::session_token(headers)?);
        let expected = Self::of(&kept, &session);
        let is_right: bool = expected.0.as_bytes().ct_eq(self.0.as_bytes()).into();
        is_right.then_some(kept)
    }

    fn of(kept: &Token, session: &Token) -> Self {
        Self(kept.bind("resend", session))
    }
}

/// A form that waits, opened for the one who may send it.
#[derive(Debug)]
pub struct Waiting {
    /// What was posted.
    pub form: KeptForm,
    /// Where.
    path: NormalPath,
    sealed: SealedForm,
}

impl Waiting {
    /// The form that `token` opens, for this person at this portal. Before anybody else it is gone.
    async fn look(
        store: &HotStore,
        token: &Token,
        portal: &str,
        person: &UserId,
        now: Timestamp,
    ) -> Stored<Option<Self>> {
        let forms = store.kept_forms();
        let Some(sealed) = forms.recall_form(&token.hash()).await? else { return Ok(None) };
        if !sealed.is_for(person) {
            forms.take_form(&sealed.hash).await?;
            return Ok(None);
        }
        let form = sealed.open(token, now).filter(|form| form.portal == portal);
        Ok(form.and_then(|form| {
            let target: PathAndQuery = form.target.parse().ok()?;
            let path = NormalPath::read(&target).ok()?;
            Some(Self { form, path, sealed })
        }))
    }

    /// Takes the form out to be sent to where `facts` say, by the person it was shown to: of several presses one has it.
    pub async fn take(
        store: &HotStore,
        token: &Token,
        portal: &str,
        person: &UserId,
        facts: &RequestFacts,
        now: Timestamp,
    ) -> Stored<Option<Self>> {
        let Some(waiting) = Self::look(store, token, portal, person, now).await? else { return Ok(None) };
        let is_shown = waiting.sealed.owner.as_ref() == Some(person);
        if !is_shown || waiting.path.target() != facts.path.target() {
            return Ok(None);
        }
        let taken = store.kept_forms().take_form(&waiting.sealed.hash).await?;
        Ok(taken.map(|_| waiting))
    }

    /// Puts it back: the upstream never heard of it.
    pub async fn put_back(self, store: &HotStore, now: Timestamp) -> Stored<()> {
        let room = Room { all: u64::MAX, network: u64::MAX };
        store.kept_forms().keep_form(&self.sealed, room, now).await.map(|_| ())
    }
}

/// Shows what will be sent.
pub(super) async fn show(visit: &Visit, browser: &Browser) -> Result<Answer, Fault> {
    let Some(token) = &browser.kept else { return Ok(nothing(visit, browser)) };
    let (Some(person), Some(session)) = (visit.person(), &browser.session) else {
        return Ok(Answer::go_to(visit.link("login", &visit.return_to_own("resend"))));
    };
    let (store, portal) = (&visit.services.store, &visit.portal().name);
    let Some(waiting) = Waiting::look(store, token, portal, &person.id, visit.now).await? else {
        return Ok(nothing(visit, browser));
    };
    if store.is_closed(portal) {
        return Ok(problem(visit, browser, ProblemKind::SwitchedOff));
    }
    // The rules of where it goes are asked here too, so that the press finds nothing in its way.
    let question = Question { method: &Method::POST, ..super::step_up::question(visit, &waiting.path) };
    match visit.runtime.settings.policy.obstacle(question, &visit.standing) {
        Some(Obstacle::Challenge(challenge)) => {
            let (page, more) = page_for(&challenge);
            let place = visit.link(page, &visit.return_to_own("resend")) + &query_of('&', &more);
            return Ok(Answer::go_to(place));
        }
        Some(Obstacle::Denial(denial)) => {
            let kind = match denial.refusal {
                Refusal::PortalOff => ProblemKind::SwitchedOff,
                Refusal::NoRule | Refusal::Rule => ProblemKind::Forbidden,
            };
            return Ok(problem(visit, browser, kind));
        }
        None => {}
    }
    if !store.kept_forms().claim_form(&waiting.sealed.hash, &person.id).await? {
        return Ok(nothing(visit, browser));
    }
    let KeptForm { target, content_type, body, kept_at, .. } = waiting.form;
    let (csrf, cookie) = browser.form_token(visit);
    let page = view::Resend {
        frame: frame(visit, browser, visit.own("resend"), csrf),
        action: format!("https://{}{target}", visit.facts.authority),
        target: content::beginning(&target).0.to_owned(),
        press: Press::of(token, session).0,
        kept_at,
        ends: kept_at.after(KEPT_FOR),
        content: content::read(&content_type, body).await,
    };
    Ok(Answer::page(StatusCode::OK, page.render()).with_cookie(cookie).sending())
}

/// "Discard".
pub(super) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    if !browser.admits(form) {
        return Ok(problem(visit, browser, ProblemKind::FormRefused));
    }
    let (Some(token), Standing::Known(known)) = (&browser.kept, &visit.standing) else {
        return Ok(Answer::go_to(visit.own("resend")));
    };
    let (store, portal) = (&visit.services.store, &visit.portal().name);
    let waiting = Waiting::look(store, token, portal, &known.person.id, visit.now).await?;
    let Some(waiting) = waiting else { return Ok(nothing(visit, browser)) };
    store.kept_forms().take_form(&waiting.sealed.hash).await?;
    let cookie = cookie::clear(cookie::KEPT);
    Ok(Answer::go_to(waiting.form.came_from.as_str()).with_cookie(cookie))
}

/// Lets go of what waits in this browser, whoever's it is: somebody signs out. Tells the cookie to set.
pub(super) async fn forget(visit: &Visit, browser: &Browser) -> Option<HeaderValue> {
    let token = browser.kept.as_ref()?;
    if let Err(fault) = visit.services.store.kept_forms().take_form(&token.hash()).await {
        // Without the cookie nobody opens it any more.
        tracing::warn!(%fault, "a form that was kept is still in the store");
    }
    Some(cookie::clear(cookie::KEPT))
}

fn nothing(visit: &Visit, browser: &Browser) -> Answer {
    let page = view::ResendNothing { frame: frame(visit, browser, visit.own("resend"), String::new()) };
    let cookie = browser.kept.as_ref().map(|_| cookie::clear(cookie::KEPT));
    Answer::page(StatusCode::GONE, page.render()).with_cookie(cookie)
}

/// The page for a form that was neither sent nor kept; `go_on` leads to what is asked, and then back to the form.
///
/// 401, although the size is what keeps it from being kept: signed in, the same upload is taken.
pub fn not_received_page(occasion: &Occasion<'_>, why: NotKept, go_on: String) -> Response<Body> {
    let request_id = occasion.request_id.as_str().to_owned();
    let page = view::NotReceived { frame: frame_of(occasion), why, go_on, request_id };
    Answer::page(StatusCode::UNAUTHORIZED, page.render()).into_response(Wanted::by(occasion.method))
}
