//! What one host asks of passkeys, and how their answers are checked.

use serde_json::Value;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey as Credential, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use super::{Ceremony, Proven, Refusal, Registered, Registrant, ceremonies::MINUTES};
use crate::domain::{factor::Passkey, time::minutes};

/// A host with passkeys of its own: WebAuthn's relying party. Its only origin is `https` at its exact name and port.
#[derive(Debug)]
pub struct RelyingParty {
    host: String,
    webauthn: Webauthn,
}

/// What is kept of a question until its answer comes.
#[derive(Debug)]
pub enum State {
    /// A passkey is to be made, under this handle.
    New([u8; 16], Box<PasskeyRegistration>),
    /// A passkey of somebody known is asked for.
    Owner(Box<PasskeyAuthentication>),
    /// Any passkey for this host is asked for; it says whose it is.
    Anybody(Box<DiscoverableAuthentication>),
}

impl RelyingParty {
    /// The one at this authority (`host` or `host:port`); none where it is a bare address, for which browsers make no passkeys.
    pub fn at(authority: &str, title: &str) -> Option<Self> {
        let origin = Url::parse(&format!("https://{authority}")).ok()?;
        let host = origin.domain()?.to_owned();
        let builder = WebauthnBuilder::new(&host, &origin).ok()?;
        let webauthn = builder.rp_name(title).timeout(minutes(MINUTES)).build().ok()?;
        Some(Self { host, webauthn })
    }

    /// The host, as records of passkeys name it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Asks for a new passkey, on none of the authenticators that have one of `known`. Tells the browser's options.
    pub fn ask_new(&self, who: &Registrant<'_>, known: &[Passkey]) -> Option<(String, Ceremony)> {
        let taken = known.iter().map(|passkey| passkey.credential_id.clone()).collect();
        let handle = Uuid::from_bytes(who.handle);
        let (options, state) = self
            .webauthn
            .start_passkey_registration(handle, who.name, who.display_name, Some(taken))
            .inspect_err(|fault| tracing::error!(%fault, "no passkey can be asked for"))
            .ok()?;
        let mut options = serde_json::to_value(options).ok()?;
        // One that the authenticator can find by itself signs in without a name; an old security key may decline.
        let selection = options.pointer_mut("/publicKey/authenticatorSelection")?.as_object_mut()?;
        selection.insert("residentKey".to_owned(), Value::from("preferred"));
        let state = State::New(who.handle, Box::new(state));
        Some((options.to_string(), Ceremony { person: Some(who.id.clone()), state }))
    }

    /// Asks for one of these passkeys, all of one person and of this host.
    pub fn ask_owner(&self, passkeys: &[Passkey]) -> Option<(String, Ceremony)> {
        let person = passkeys.first()?.person.clone();
        let credentials: Vec<Credential> = passkeys.iter().filter_map(read).collect();
        let (options, state) = self.webauthn.start_passkey_authentication(&credentials).ok()?;
        let ceremony = Ceremony { person: Some(person), state: State::Owner(Box::new(state)) };
        Some((serde_json::to_string(&options).ok()?, ceremony))
    }

    /// Asks for any passkey of this host.
    pub fn ask_anybody(&self) -> Option<(String, Ceremony)> {
        let (options, state) = self.webauthn.start_discoverable_authentication().ok()?;
        let ceremony = Ceremony { person: None, state: State::Anybody(Box::new(state)) };
        Some((serde_json::to_string(&options).ok()?, ceremony))
    }

    /// Checks a passkey that was just made.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn register(&self, ceremony: &Ceremony, answer: &str) -> Result<Registered, Refusal> {
        let State::New(handle, state) = &ceremony.state else { return Err(Refusal::Wrong) };
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| Refusal::Malformed)?;
        let made = self.webauthn.finish_passkey_registration(&answer, state).map_err(refusal)?;
        Ok(Registered {
            host: self.host.clone(),
            credential_id: made.cred_id().to_vec(),
            handle: *handle,
            credential: serde_json::to_string(&made).map_err(|_| Refusal::Malformed)?,
        })
    }

    /// How the authenticator names the passkey that answers.
    pub fn credential_id(&self, answer: &str) -> Option<Vec<u8>> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        Some(answer.get_credential_id().to_vec())
    }

    /// Checks the answer of `passkey`.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn prove(&self, ceremony: Ceremony, answer: &str, passkey: &Passkey) -> Result<Proven, Refusal> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(|_| Refusal::Malformed)?;
        let is_theirs = ceremony.person.as_ref().is_none_or(|person| *person == passkey.person);
        let is_named = answer.get_credential_id() == passkey.credential_id;
        if !is_theirs || !is_named || passkey.host != self.host {
            return Err(Refusal::Wrong);
        }
        let mut credential = read(passkey).ok_or(Refusal::Wrong)?;
        let handle = answer.get_user_unique_id();
        let has_their_handle = handle.is_some_and(|handle| handle == passkey.handle);
        let checked = match ceremony.state {
            State::New(..) => return Err(Refusal::Wrong),
            // Authenticators that were told whom they answer for may leave the handle out.
            State::Owner(state) if handle.is_none() || has_their_handle => {
                self.webauthn.finish_passkey_authentication(&answer, &state)
            }
            State::Anybody(state) if has_their_handle => {
                let key = DiscoverableKey::from(&credential);
                self.webauthn.finish_discoverable_authentication_v2(&answer, *state, &key)
            }
            State::Owner(_) | State::Anybody(_) => return Err(Refusal::Wrong),
        };
        let checked = checked.map_err(refusal)?;
        // Asked for already; a passkey that nobody unlocked is worth no more than a stolen phone.
        if !checked.user_verified() {
            return Err(Refusal::Wrong);
        }
        // The question may be older than the passkey's last use: what counts is where its counter stands now.
        let has_gone_on = credential.update_credential(&checked) == Some(true);
        if checked.counter() > 0 && !has_gone_on {
            return Err(Refusal::Cloned);
        }
        let to = serde_json::to_string(&credential).map_err(|_| Refusal::Malformed)?;
        Ok(Proven { id: passkey.id.clone(), from: passkey.credential.clone(), to })
    }
}

fn read(passkey: &Passkey) -> Option<Credential> {
    serde_json::from_str(&passkey.credential)
        .inspect_err(
            |fault| tracing::error!(passkey = %passkey.id, %fault, "the record of a passkey cannot be read"),
        )
        .ok()
}

fn refusal(fault: WebauthnError) -> Refusal {
    match fault {
        WebauthnError::CredentialPossibleCompromise => Refusal::Cloned,
        fault => {
            tracing::info!(%fault, "passkey refused");
            Refusal::Wrong
        }
    }
}
