//! What each button of the account page does. All of them are forms; those that weaken the second factor ask for it first.

use super::{MOST_IDENTITIES, Owner, done, here, owner, page};
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind, AuditOutcome},
        factor::{Account, Method},
        facts::ReturnTo,
        identity::Requirement,
        login::{Proof, Stage},
        provider::Purpose,
        token::RecordId,
    },
    page::{
        i18n::Language,
        view::{AccountError, Notice, ProblemKind},
    },
    store::{Leaving, Unlinked},
    web::{
        asking::{is_fresh, is_recent},
        browser::Browser,
        cookie,
        events::event,
        fault::Fault,
        form::Form,
        logout, pin,
        problem::problem,
        provider, recovery,
        respond::Answer,
        trust,
        visit::Visit,
        ways::{first_stage, proof, ways},
    },
};

/// What became of an action.
enum Done {
    Notice(Notice),
    Error(AccountError),
    Answer(Answer),
}

/// Does what the button says.
pub(crate) async fn submit(visit: &Visit, browser: &Browser, form: &Form) -> Result<Answer, Fault> {
    let owner = match owner(visit) {
        Ok(owner) => owner,
        Err(location) => return Ok(Answer::go_to(location)),
    };
    if !browser.admits(form) {
        return page(visit, browser, &owner, None, Some(AccountError::FormExpired)).await;
    }
    let act = Act { visit, browser, owner: &owner };
    let id = form.text("id");
    let outcome = match form.text("action") {
        "remove_method" => act.remove_method(&RecordId::from_text(id)).await?,
        "remove_contact" => act.remove_contact(Method::from_name(id)).await?,
        "new_recovery_codes" => act.new_recovery_codes().await?,
        "switch_second_factor" => match id {
            "on" => act.switch_on().await?,
            "off" => act.switch_off().await?,
            _ => Done::Error(AccountError::Gone),
        },
        "remove_device" => act.remove_device(&RecordId::from_text(id)).await?,
        "remove_devices" => act.remove_devices().await?,
        "remove_pin" => act.remove_pin().await?,
        "remove_address" => act.remove_address(&RecordId::from_text(id)).await?,
        "remove_addresses" => act.remove_addresses().await?,
        "link_identity" => act.link_identity(id).await?,
        "unlink_identity" => act.unlink_identity(&RecordId::from_text(id)).await?,
        "end_session" => act.end_session(&RecordId::from_text(id)).await?,
        "sign_out_everywhere" => {
            let person = &owner.known.person;
            Done::Answer(logout::everywhere(visit, browser, person, &Default::default()).await?)
        }
        "language" => act.choose_language(id).await?,
        _ => Done::Answer(problem(visit, browser, ProblemKind::BadRequest)),
    };
    match outcome {
        Done::Notice(notice) => Ok(done(visit, notice)),
        Done::Error(error) => page(visit, browser, &owner, None, Some(error)).await,
        Done::Answer(answer) => Ok(answer),
    }
}

/// Where to show a code first before coming back to `here`, unless one was shown a moment ago. For everybody who can be asked
/// for one, by whatever way: neither a password nor a trusted device alone changes how somebody signs in.
pub(in crate::web) async fn code_first(
    visit: &Visit,
    owner: &Owner<'_>,
    here: &ReturnTo,
) -> Result<Option<String>, Fault> {
    let Owner { known, live } = owner;
    if is_fresh(known, visit.now) {
        return Ok(None);
    }
    let account = visit.services.store.account(&known.person.id).await?;
    let has_way =
        account.is_enrolled() || !ways(visit, live.session().first, &known.person, &account).is_empty();
    Ok(has_way.then(|| visit.link("second-factor", here)))
}

/// One owner at work on their account.
struct Act<'a> {
    visit: &'a Visit,
    browser: &'a Browser,
    owner: &'a Owner<'a>,
}

impl Act<'_> {
    /// As [`code_first`], coming back here.
    async fn code_first(&self) -> Result<Option<Done>, Fault> {
        let location = code_first(self.visit, self.owner, &here(self.visit)).await?;
        Ok(location.map(|location| Done::Answer(Answer::go_to(location))))
    }

    fn told(&self, kind: AuditKind) -> AuditEvent {
        event(self.visit, self.browser, kind, AuditOutcome::Success, &self.owner.known.person.id)
    }

    async fn remove_method(&self, id: &RecordId) -> Result<Done, Fault> {
        if let Some(first) = self.code_first().await? {
            return Ok(first);
        }
        let (store, person) = (&self.visit.services.store, &self.owner.known.person);
        let account = store.account(&person.id).await?;
        let is_passkey = account.passkeys.iter().any(|passkey| passkey.id == *id);
        if !is_passkey && !account.totp.iter().any(|app| app.id == *id) {
            return Ok(Done::Error(AccountError::Gone));
        }
        let leaving = match self.owner.known.is_asked_for_second() {
            true => Leaving::One,
            false => Leaving::None,
        };
        let devices = self.device_cookie_without_own().await?;
        let keep = Some(self.owner.live.session().hash);
        let removed = match is_passkey {
            true => store.remove_passkey(&person.id, id, leaving, keep).await?,
            false => store.remove_totp(&person.id, id, leaving, keep).await?,
        };
        match removed {
            Unlinked::Done(_) => {}
            Unlinked::Unknown => return Ok(Done::Error(AccountError::Gone)),
            Unlinked::Last => return Ok(Done::Error(AccountError::LastMethod)),
        }
        if !self.owner.live.account().is_enrolled() {
            // Recovery codes stand in for an app; without one they are keys to nothing.
            store.replace_recovery_codes(&person.id, &[]).await?;
        }
        let (method, notice) = match is_passkey {
            true => (Method::Passkey, Notice::PasskeyRemoved),
            false => (Method::Totp, Notice::MethodRemoved),
        };
        let mut removed = self.told(AuditKind::FactorRemoved).with_detail(id.to_string());
        removed.factor = Some(method.name().to_owned());
        self.visit.services.record(removed).await;
        Ok(Done::Answer(done(self.visit, notice).with_cookie(devices)))
    }

    /// Whoever has no app or passkey shows that what is to be removed is theirs: by a code that went there.
    async fn remove_contact(&self, method: Option<Method>) -> Result<Done, Fault> {
        let Owner { known, live } = self.owner;
        if !is_fresh(known, self.visit.now) {
            return Ok(Done::Answer(Answer::go_to(self.visit.link("second-factor", &here(self.visit)))));
        }
        let (store, person) = (&self.visit.services.store, &known.person);
        let account = store.account(&person.id).await?;
        let is_kept = |method: &Method| account.contacts.iter().any(|contact| contact.method == *method);
        let Some(method) = method.filter(is_kept) else { return Ok(Done::Error(AccountError::Gone)) };
        // An app or passkey stays as long as a code is owed, so that one there now is there afterwards.
        let others = Account { contacts: Vec::new(), recovery_left: 0, ..account };
        let is_left = !ways(self.visit, live.session().first, person, &others).is_empty();
        if known.is_asked_for_second() && !is_left {
            return Ok(Done::Error(AccountError::LastContact));
        }
        let devices = self.device_cookie_without_own().await?;
        if store.remove_contact(&person.id, method, Some(live.session().hash)).await?.is_none() {
            return Ok(Done::Error(AccountError::Gone));
        }
        let mut removed = self.told(AuditKind::FactorRemoved);
        removed.factor = Some(method.name().to_owned());
        self.visit.services.record(removed).await;
        Ok(Done::Answer(done(self.visit, Notice::ContactRemoved).with_cookie(devices)))
    }

    /// Goes to a provider for an account to link. Whoever sits at a session left open must not make it theirs for good: a
    /// fresh code is asked for, or where none can be, a fresh sign-in. Nor must who stole a password: the account would
    /// outlast it. Whom a code reaches links an app with it first.
    async fn link_identity(&self, name: &str) -> Result<Done, Fault> {
        let Owner { known, live } = self.owner;
        if let Some(first) = self.code_first().await? {
            return Ok(first);
        }
        if !is_fresh(known, self.visit.now) {
            if !is_recent(known, live, self.visit.now) {
                let login = self.visit.link("login", &here(self.visit));
                return Ok(Done::Answer(Answer::go_to(format!("{login}&again=1"))));
            }
            let account = self.visit.services.store.account(&known.person.id).await?;
            if proof(self.visit, live.session().first, &known.person, &account) == Proof::AppAndSent {
                return Ok(Done::Answer(Answer::go_to(self.visit.link("enrol", &here(self.visit)))));
            }
        }
        let linked = self.visit.services.store.identities().identities(&known.person.id).await?;
        let Some(found) = provider::offered(self.visit, name).filter(|_| linked.len() < MOST_IDENTITIES)
        else {
            return Ok(Done::Error(AccountError::Gone));
        };
        let purpose = Purpose::Link { person: known.person.id.clone(), session: live.session().id.clone() };
        let answer = provider::depart(self.visit, self.browser, found, here(self.visit), purpose, "").await?;
        Ok(Done::Answer(answer))
    }

    /// Ends the person's other sessions too: whoever came in by that account must not stay.
    async fn unlink_identity(&self, id: &RecordId) -> Result<Done, Fault> {
        if let Some(first) = self.code_first().await? {
            return Ok(first);
        }
        let (store, person) = (&self.visit.services.store, &self.owner.known.person);
        if person.password.is_none() && store.identities().identities(&person.id).await?.len() == 1 {
            return Ok(Done::Error(AccountError::LastIdentity));
        }
        if !store.identities().unlink_identity(&person.id, id).await? {
            return Ok(Done::Error(AccountError::Gone));
        }
        store.close_sessions_of(&person.id, Some(self.owner.live.session().hash)).await?;
        // Nor by a PIN that was set meanwhile.
        for trust in store.devices(Some(&person.id), self.visit.now).await? {
            store.pins().remove_pin(&trust.id).await?;
        }
        self.visit.services.record(self.told(AuditKind::IdentityUnlinked).with_detail(id.to_string())).await;
        Ok(Done::Notice(Notice::IdentityUnlinked))
    }

    async fn new_recovery_codes(&self) -> Result<Done, Fault> {
        if !self.owner.live.account().is_enrolled() {
            return Ok(Done::Error(AccountError::Gone));
        }
        if let Some(first) = self.code_first().await? {
            return Ok(first);
        }
        let person = &self.owner.known.person.id;
        Ok(match recovery::make(self.visit, self.browser, person).await? {
            Some(codes) => {
                let back = here(self.visit);
                Done::Answer(recovery::page(self.visit, self.browser, person, &codes, &back))
            }
            None => Done::Error(AccountError::Gone),
        })
    }

    /// Who has no way of the second factor yet goes on to set one up.
    async fn switch_on(&self) -> Result<Done, Fault> {
        if let Some(refused) = self.switch(true).await? {
            return Ok(refused);
        }
        let (visit, person) = (self.visit, &self.owner.known.person);
        let (account, first) =
            (visit.services.store.account(&person.id).await?, self.owner.live.session().first);
        let page = match first_stage(visit, first, person, &account) {
            Stage::Code if !ways(visit, first, person, &account).is_empty() => {
                return Ok(Done::Notice(Notice::SecondFactorOn));
            }
            Stage::Contact => "contact",
            Stage::Code | Stage::Enrol { .. } => "enrol",
        };
        Ok(Done::Answer(Answer::go_to(visit.link(page, &here(visit)))))
    }

    async fn switch_off(&self) -> Result<Done, Fault> {
        if let Some(first) = self.code_first().await? {
            return Ok(first);
        }
        Ok(self.switch(false).await?.unwrap_or(Done::Notice(Notice::SecondFactorOff)))
    }

    async fn switch(&self, wants: bool) -> Result<Option<Done>, Fault> {
        let person = &self.owner.known.person;
        if person.requirement != Requirement::Optional {
            return Ok(Some(Done::Error(AccountError::Required)));
        }
        self.visit.services.store.switch_second_factor(&person.id, wants).await?;
        let word = if wants { "on" } else { "off" };
        self.visit.services.record(self.told(AuditKind::SecondFactorSwitched).with_detail(word)).await;
        Ok(None)
    }

    async fn remove_device(&self, id: &RecordId) -> Result<Done, Fault> {
        let person = &self.owner.known.person;
        let (others, own) = trust::without_devices_of(self.visit, self.browser, person).await?;
        if !self.revoke_device(id).await? {
            return Ok(Done::Error(AccountError::Gone));
        }
        let span = trust::device_span(self.visit);
        let cookie = own.filter(|own| own == id).map(|_| cookie::set_devices(&others, span));
        Ok(Done::Answer(done(self.visit, Notice::DeviceRemoved).with_cookie(cookie)))
    }

    async fn remove_devices(&self) -> Result<Done, Fault> {
        let cookie = self.device_cookie_without_own().await?;
        let person = &self.owner.known.person.id;
        for trust in self.visit.services.store.devices(Some(person), self.visit.now).await? {
            self.revoke_device(&trust.id).await?;
        }
        Ok(Done::Answer(done(self.visit, Notice::DevicesRemoved).with_cookie(cookie)))
    }

    async fn revoke_device(&self, id: &RecordId) -> Result<bool, Fault> {
        let person = &self.owner.known.person.id;
        let revoked = self.visit.services.store.revoke_trust(Some(person), id).await?;
        if revoked {
            self.visit.services.record(self.told(AuditKind::TrustRevoked).about_trust("device", id)).await;
        }
        Ok(revoked)
    }

    async fn remove_pin(&self) -> Result<Done, Fault> {
        Ok(match pin::remove(self.visit, self.browser, &self.owner.known.person).await? {
            true => Done::Notice(Notice::PinRemoved),
            false => Done::Error(AccountError::Gone),
        })
    }

    async fn remove_address(&self, id: &RecordId) -> Result<Done, Fault> {
        Ok(match self.revoke_address(id).await? {
            true => Done::Notice(Notice::AddressRemoved),
            false => Done::Error(AccountError::Gone),
        })
    }

    async fn remove_addresses(&self) -> Result<Done, Fault> {
        let person = &self.owner.known.person.id;
        for trust in self.visit.services.store.addresses(Some(person), self.visit.now).await? {
            self.revoke_address(&trust.id).await?;
        }
        Ok(Done::Notice(Notice::AddressesRemoved))
    }

    async fn revoke_address(&self, id: &RecordId) -> Result<bool, Fault> {
        let person = &self.owner.known.person.id;
        let revoked = self.visit.services.store.revoke_trust(Some(person), id).await?;
        if revoked {
            self.visit.services.record(self.told(AuditKind::TrustRevoked).about_trust("address", id)).await;
        }
        Ok(revoked)
    }

    async fn end_session(&self, id: &RecordId) -> Result<Done, Fault> {
        let person = &self.owner.known.person.id;
        if self.visit.services.store.close_session(Some(person), id).await?.is_none() {
            return Ok(Done::Error(AccountError::Gone));
        }
        self.visit.services.record(self.told(AuditKind::SignOut).with_detail(id.to_string())).await;
        Ok(Done::Notice(Notice::SessionEnded))
    }

    async fn choose_language(&self, code: &str) -> Result<Done, Fault> {
        let Some(language) = Language::parse(code) else { return Ok(Done::Error(AccountError::Gone)) };
        let person = &self.owner.known.person.id;
        self.visit.services.store.choose_language(person, language.code()).await?;
        let answer = done(self.visit, Notice::LanguageChanged);
        Ok(Done::Answer(answer.with_cookie(cookie::set_language(language))))
    }

    /// The device cookie without what is this person's, if there is any.
    async fn device_cookie_without_own(&self) -> Result<Option<http::HeaderValue>, Fault> {
        let person = &self.owner.known.person;
        let (others, own) = trust::without_devices_of(self.visit, self.browser, person).await?;
        Ok(own.map(|_| cookie::set_devices(&others, trust::device_span(self.visit))))
    }
}
