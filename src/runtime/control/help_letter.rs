//! The answer to a request for help is mailed to whoever asked.

use std::sync::Arc;

use super::{letterhead::letterhead, words::Request};
use crate::{
    domain::{
        factor::Method,
        help::{HelpAnswer, HelpRequest, Wish},
        token::RecordId,
    },
    notify::Mail,
    page::{
        i18n::Language,
        letter::{HelpAbout, HelpLetter, Letter, Letterhead},
    },
    runtime::{Runtime, Services},
};

/// Somebody who asked for help, and how they are told of the answer. Looked up before a command is obeyed: a reset may remove
/// the very address.
pub(super) struct Asker {
    request: RecordId,
    to: String,
    language: Language,
}

impl Asker {
    /// Whom an answer is to be told to, if a letter reaches them.
    pub(super) async fn of(runtime: &Runtime, services: &Services, order: &Request) -> Option<Self> {
        let Request::HelpAnswer { request: wanted, .. } = order else { return None };
        if !runtime.post.can_mail() {
            return None;
        }
        // A store that does not answer is told of by the command itself.
        let kept = services.store.help().help_requests(None, usize::MAX).await.ok()?;
        let is_wanted = |request: &HelpRequest| {
            request.id.as_str() == wanted || request.reference.eq_ignore_ascii_case(wanted)
        };
        let request = kept.into_iter().find(is_wanted)?;
        let person = runtime.directory(&services.store).get(&request.person)?;
        let account = services.store.account(&person.id).await.ok()?;
        let to = account.reach(&person, Method::Email)?.to_owned();
        let language = account.language.as_deref().and_then(Language::parse).unwrap_or(runtime.language);
        Some(Self { request: request.id, to, language })
    }

    /// Mails what was answered, in a task of its own.
    pub(super) async fn tell_of_answer(self, runtime: &Arc<Runtime>, services: &Services) {
        let Ok(Some(request)) = services.store.help().recall_help(&self.request).await else { return };
        let Some(answer) = &request.answer else { return };
        let Letter { subject, text, html } = letter(runtime, self.language, &request, answer).mail();
        let (runtime, id, to) = (Arc::clone(runtime), request.id.clone(), self.to);
        tokio::spawn(async move {
            if let Err(fault) = runtime.post.mail(Mail { to, subject, text, html }).await {
                tracing::warn!(request = %id, %fault, "who asked for help was not told of the answer");
            }
        });
    }
}

fn letter(runtime: &Runtime, language: Language, request: &HelpRequest, answer: &HelpAnswer) -> HelpLetter {
    let portal = runtime.settings.portals.iter().find(|portal| portal.name == request.portal);
    let mut head = Letterhead {
        address: request.address.to_string(),
        agent: request.agent.clone(),
        ..letterhead(runtime, language, portal, request.asked_at)
    };
    // One that is gone from the file keeps its name, and has no host.
    if portal.is_none() {
        (head.portal_title, head.host) = (request.portal.clone(), String::new());
    }
    let about = match request.wish {
        Wish::SecondFactor => HelpAbout::SecondFactor,
        Wish::Access { .. } => HelpAbout::Access,
    };
    // In one piece: a line of somebody else's must not look like one of ours.
    let reason = answer.reason.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    HelpLetter { head, about, granted: answer.granted, reference: request.reference.clone(), reason }
}
