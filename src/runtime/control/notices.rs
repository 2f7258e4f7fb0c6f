//! What a command did to somebody's ways to sign in is mailed to them, as `web::notices` mails what happens on our pages.
//!
//! Only a running server can: it has the post. Whom to tell is looked up before the command is obeyed, since it may remove
//! the very address.

use std::sync::Arc;

use super::{letterhead::letterhead, words::Request};
use crate::{
    domain::{
        factor::Method,
        identity::{UserId, fold_login},
        throttle::{Told, TryVerdict, notice_buckets},
        time::Timestamp,
    },
    notify::Mail,
    page::{
        i18n::Language,
        letter::{Letter, NoticeLetter, Occasion},
    },
    runtime::{Runtime, Services},
    store::hot::HotStore,
};

/// Somebody to be told of a command.
pub(super) struct Reader {
    id: UserId,
    to: String,
    language: Language,
    occasion: Occasion,
    store: HotStore,
}

/// Whom a command is to be told to, if anybody and if they can be reached.
pub(super) async fn reader_of(runtime: &Runtime, services: &Services, request: &Request) -> Option<Reader> {
    let directory = runtime.directory(&services.store);
    let (user, occasion) = match request {
        Request::UserResetSecondFactor { user, .. } => (user, Occasion::SecondFactorReset),
        Request::UserRename { user, name } => (user, Occasion::Renamed { name: name.clone() }),
        // Told to the old address: the new one may be whose it never was.
        Request::UserSet { user, change } => {
            let (present, asked) = (directory.find(user)?, change.email.as_ref()?);
            let is_same = present.email.as_ref().is_some_and(|email| fold_login(email) == fold_login(asked));
            if is_same {
                return None;
            }
            (user, Occasion::AddressChanged)
        }
        _ => return None,
    };
    let person = directory.find(user)?;
    if !runtime.settings.mail.as_ref().is_some_and(|mail| mail.notices) {
        return None;
    }
    // A store that does not answer is told of by the command itself.
    let account = services.store.account(&person.id).await.ok()?;
    let to = account.reach(&person, Method::Email)?.to_owned();
    let language = account.language.as_deref().and_then(Language::parse).unwrap_or(runtime.language);
    Some(Reader { id: person.id.clone(), to, language, occasion, store: services.store.clone() })
}

impl Reader {
    /// Mails what was done, in a task of its own.
    pub(super) fn tell(self, runtime: Arc<Runtime>, now: Timestamp) {
        let Self { id, to, language, occasion, store } = self;
        let head = letterhead(&runtime, language, None, now);
        let Letter { subject, text, html } =
            NoticeLetter { head, occasion, also: Vec::new(), not_me: None }.mail();
        tokio::spawn(async move {
            // Counted as what happens on our pages is: an administrator floods no mailbox.
            match store.attempts().reserve_try(&notice_buckets(&id, Told::Change), now).await {
                Ok(TryVerdict::Go) => {}
                Ok(TryVerdict::Wait { .. }) => {
                    tracing::warn!(user.id = %id, "many notices in a short time: no more are mailed for now");
                    return;
                }
                Err(fault) => {
                    tracing::warn!(user.id = %id, %fault, "a notice was not sent");
                    return;
                }
            }
            if let Err(fault) = runtime.post.mail(Mail { to, subject, text, html }).await {
                tracing::warn!(user.id = %id, %fault, "a notice was not sent");
            }
        });
    }
}
