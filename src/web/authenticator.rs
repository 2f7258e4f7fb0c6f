//! The authenticator page: its own small world under `authenticator`, and how it comes by a pairing number.
//!
//! Whoever asks here is nobody yet, so nothing here tells anything about anybody, but to who holds the page's own token.
//! Entering a number is for [`pairing`](super::pairing) and for administrators. The protocol is in `docs/authenticator.md`.

use http::StatusCode;
use serde_json::json;

use super::{
    asking::offers,
    browser::Browser,
    fault::Fault,
    form::Form,
    frame::{blank, language_for},
    problem::problem,
    respond::Answer,
    visit::Visit,
};
use crate::{
    domain::{
        factor::{Method, PageSigner, TotpKey},
        pairing::{PAIRING_MINUTES, PairedWith, Pairing, PairingNumber, PairingStage},
        throttle::{TryVerdict, pairing_buckets},
        time::minutes,
        token::Token,
    },
    page::view::{Authenticator, ProblemKind},
    store::{StoreFault, Stored},
};

/// Bytes of a page's code key.
const KEY_BYTES: usize = 20;
/// Numbers drawn before we give up: with thousands of pages waiting, one in a hundred thousand is taken.
const MOST_DRAWS: usize = 8;

/// What a page in the browser's own keeping asks for with GET.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// The page.
    Page,
    /// What an installed page is called and looks like.
    Manifest,
    /// What keeps the page at hand without a network.
    Worker,
}

/// Shows a piece. The same for everybody: a browser keeps it, and it must name nobody.
pub(super) fn show(visit: &Visit, browser: &Browser, piece: Piece) -> Answer {
    if !offers(visit, Method::Totp) {
        return problem(visit, browser, ProblemKind::NotFound);
    }
    let prefix = &visit.runtime.settings.server.prefix;
    let own_path = visit.own("authenticator");
    if piece == Piece::Worker {
        let look = visit.runtime.look(Some(visit.portal));
        return Answer::text(Authenticator::worker(prefix, look), "text/javascript; charset=utf-8")
            .installable()
            .working_for(&own_path);
    }
    let language = language_for(visit, browser, None);
    let mut frame = blank(&visit.runtime, Some(visit.portal), &visit.facts.authority, language, visit.now);
    frame.own_path = own_path;
    let page = Authenticator { frame, approves: offers(visit, Method::Approval) };
    match piece {
        Piece::Manifest => Answer::text(page.manifest(), "application/manifest+json"),
        Piece::Page | Piece::Worker => Answer::page(StatusCode::OK, page.render()).installable(),
    }
}

/// Takes a page's keys and gives it a number to show and a token to ask with.
pub(super) async fn begin(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let Some((key, signer)) = keys(form).filter(|_| offers(visit, Method::Totp)) else {
        return Ok(Answer::json(StatusCode::UNPROCESSABLE_ENTITY, "{}".to_owned()));
    };
    let buckets = pairing_buckets(visit.facts.client);
    if let TryVerdict::Wait { until } =
        visit.services.store.attempts().reserve_try(&buckets, visit.now).await?
    {
        let answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, "{}".to_owned());
        return Ok(answer.retry_in(visit.now.until(until)));
    }
    let poll = visit.services.draw_token();
    for _ in 0..MOST_DRAWS {
        let number = PairingNumber::draw(&*visit.services.entropy);
        let pairing = Pairing {
            poll: poll.hash(),
            portal: visit.portal().name.clone(),
            agent: browser.agent.clone(),
            signer: signer.clone(),
            ends_at: Pairing::ends_after(visit.now),
            stage: PairingStage::Waiting { number: number.hash(), key: key.clone() },
        };
        if visit.services.store.pairings().offer_pairing(&pairing).await? {
            let lasts = minutes(PAIRING_MINUTES).as_secs();
            let told = json!({ "number": number.reveal(), "poll": poll.reveal(), "lasts": lasts });
            return Ok(Answer::json(StatusCode::OK, told.to_string()));
        }
    }
    Err(StoreFault::Unavailable("no pairing number is free".to_owned()).into())
}

/// Tells a page what became of its number.
pub(super) async fn state(visit: &Visit, form: &Form) -> Result<Answer, Fault> {
    let pairing = match Token::parse(form.text("poll")) {
        Some(token) => visit.services.store.pairings().recall_pairing_of(&token.hash()).await?,
        None => None,
    };
    let is_here = |pairing: &Pairing| pairing.portal == visit.portal().name && visit.now < pairing.ends_at;
    let told = match pairing.filter(is_here).map(|pairing| pairing.stage) {
        Some(PairingStage::Waiting { .. }) => json!({ "state": "waiting" }),
        Some(PairingStage::Linked(with)) => match account_name(visit, &with).await? {
            Some(name) => json!({ "state": "linked", "account": name, "app": with.app }),
            None => json!({ "state": "over" }),
        },
        None => json!({ "state": "over" }),
    };
    Ok(Answer::json(StatusCode::OK, told.to_string()))
}

/// Whose app a page became, if it still is one.
async fn account_name(visit: &Visit, with: &PairedWith) -> Stored<Option<String>> {
    let Some(person) = visit.directory().get(&with.person) else { return Ok(None) };
    let account = visit.services.store.account(&person.id).await?;
    Ok(account.totp.iter().any(|app| app.id == with.app).then(|| person.name.clone()))
}

/// The keys in a form: of 160 bits for codes, a point of P-256 for signatures.
fn keys(form: &Form) -> Option<(TotpKey, PageSigner)> {
    let bytes = |name| data_encoding::BASE64URL_NOPAD.decode(form.text(name).as_bytes()).ok();
    let key = TotpKey::new(bytes("key")?);
    let signer = PageSigner::read(&bytes("public_key")?)?;
    (key.bytes().len() == KEY_BYTES).then_some((key, signer))
}
