//! A code for somebody who lost every second factor: made on the machine itself, and told to everybody who should know.
//!
//! It lets nobody in. What it opens is the linking of another app or passkey, once, after the password: see
//! [`crate::domain::break_glass`].

use std::sync::Arc;

use tracing::warn;

use super::{
    administration::{Administration, By},
    guard::holders,
    letterhead::letterhead,
    lines::{nobody, tame},
    words::{Answer, BreakGlassCode, Moment, PrintedCode, RefusalKind},
};
use crate::{
    domain::{
        audit::AuditKind,
        break_glass::BreakGlass,
        factor::{MOST_APPS, Method},
        identity::Person,
        throttle::{Told, TryVerdict, notice_buckets},
    },
    factor::recovery::RecoveryCode,
    notify::Mail,
    page::{
        i18n::Language,
        letter::{Letter, NoticeLetter, Occasion},
    },
    runtime::{Directory, Runtime, Services},
    store::Stored,
};

impl Administration {
    pub(super) async fn break_glass(
        &self,
        people: &Directory<'_>,
        user: &str,
        reason: &str,
        by: &By,
    ) -> Stored<Answer> {
        // Whoever has a page has a second factor, and could be talked into this by telephone.
        if matches!(by, By::Administrator { .. }) {
            let message = "such a code is made on the machine itself: `vestibule user break-glass`";
            return Ok(Answer::refused(RefusalKind::Invalid, message));
        }
        let Some(person) = people.find(user) else { return Ok(nobody(user)) };
        if person.is_barred() {
            let message =
                format!("{} is disabled, or their group is closed: no code lets them in", person.name);
            return Ok(Answer::refused(RefusalKind::Invalid, message));
        }
        let methods = &people.settings().second_factor.methods;
        let account = self.services.store.account(&person.id).await?;
        let has_room = methods.contains(&Method::Totp) && account.totp.len() < MOST_APPS;
        if !has_room && !methods.contains(&Method::Passkey) {
            let message = "the code is worth the linking of an app or a passkey, and the file takes neither, or there is no room \
                           for another app: see methods under [second_factor], or `vestibule user reset-second-factor`";
            return Ok(Answer::refused(RefusalKind::Full, message));
        }
        let (code, now) = (RecoveryCode::draw(&*self.services.entropy), self.services.clock.now());
        let glass = BreakGlass::new(&person, code.hash(&person.id), now);
        self.services.store.break_glasses().offer_break_glass(&glass).await?;
        warn!(user.id = %person.id, by = %by, "a break-glass code was made");
        let reason = match tame(reason) {
            none if none.is_empty() => "no reason told".to_owned(),
            reason => reason,
        };
        self.audit(self.event(AuditKind::BreakGlassMade, &person.id), &reason, by).await;
        Ok(Answer::BreakGlass(BreakGlassCode {
            user: person.name.clone(),
            code: PrintedCode(code.grouped()),
            ends: Moment(glass.ends_at),
            has_password: person.password.is_some(),
        }))
    }
}

/// Mails the person, and everybody with the role `security`, what was done with a code. In a task of its own: a mail server that
/// is slow holds nobody up.
pub fn tell_of_glass(runtime: &Arc<Runtime>, services: &Services, person: &Arc<Person>, occasion: Occasion) {
    if !runtime.settings.mail.as_ref().is_some_and(|mail| mail.notices) {
        return;
    }
    let (runtime, services, person) = (Arc::clone(runtime), services.clone(), Arc::clone(person));
    tokio::spawn(async move {
        let mut readers = vec![Arc::clone(&person)];
        readers.extend(holders(&runtime.directory(&services.store)));
        let mut told: Vec<String> = Vec::new();
        for reader in readers {
            match tell(&runtime, &services, &reader, &occasion, &told).await {
                Ok(Some(to)) => told.push(to),
                Ok(None) => {}
                Err(fault) => warn!(user.id = %reader.id, %fault, "a notice was not sent"),
            }
        }
    });
}

async fn tell(
    runtime: &Runtime,
    services: &Services,
    reader: &Person,
    occasion: &Occasion,
    told: &[String],
) -> anyhow::Result<Option<String>> {
    let (store, now) = (&services.store, services.clock.now());
    let account = store.account(&reader.id).await?;
    let Some(to) = account.reach(reader, Method::Email).map(str::to_owned) else { return Ok(None) };
    if told.contains(&to) {
        return Ok(None);
    }
    if let TryVerdict::Wait { .. } =
        store.attempts().reserve_try(&notice_buckets(&reader.id, Told::Change), now).await?
    {
        anyhow::bail!("too many in a short time");
    }
    let language = account.language.as_deref().and_then(Language::parse).unwrap_or(runtime.language);
    let head = letterhead(runtime, language, None, now);
    let letter = NoticeLetter { head, occasion: occasion.clone(), also: Vec::new(), not_me: None };
    let Letter { subject, text, html } = letter.mail();
    runtime.post.mail(Mail { to: to.clone(), subject, text, html }).await?;
    Ok(Some(to))
}
