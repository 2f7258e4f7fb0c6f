//! One provider: its description, kept for a while; the way there, and the judgement of what comes back.
//!
//! The checks of the token are the library's, but for `azp`, the age and the strength of the sign-in, which it leaves to us.

use std::{borrow::Cow, sync::Arc, time::UNIX_EPOCH};

use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError, IdTokenVerifier, IssuerUrl,
    LoginHint, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata,
    RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{
    Account, ProviderFault, ProviderSetupFault, Tether,
    http::{HttpClient, HttpFault, is_here},
};
use crate::{
    config::settings::{Prompt, ProviderSettings},
    domain::time::Timestamp,
};

/// A description is asked for again after an hour.
const FRESH_SECONDS: u64 = 3600;
/// While the provider does not answer, an old one is good for a day.
const STALE_SECONDS: u64 = 86_400;
/// After a failure nothing is asked for so long: who presses the button again and again must not make us do the same.
const REST_SECONDS: u64 = 5;
/// A token signed with an unknown key makes us ask for the keys again, but not more often than this.
const KEYS_SECONDS: u64 = 30;
/// How far two clocks may be apart.
const LEEWAY_SECONDS: i64 = 60;
/// A token is bought seconds after it was made; one much older was made for something else.
const OLDEST_TOKEN_SECONDS: i64 = 600;
/// OpenID Connect Core, 2: a subject has at most 255 characters.
const LONGEST_SUBJECT: usize = 255;
/// Characters of what a person knows their account by.
const LONGEST_LABEL: usize = 128;

/// One provider. Shared by all threads; lives as long as one reading of the file.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    client: HttpClient,
    /// Held while asking: of a hundred visitors one asks, the others wait for the same answer.
    remembered: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    found: Option<Arc<Found>>,
    failed_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Found {
    metadata: Metadata,
    at: Timestamp,
}

type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What the library does not read.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Extra {
    /// Whether every answer names its issuer (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

impl Provider {
    pub(super) fn build(settings: &ProviderSettings) -> Result<Self, ProviderSetupFault> {
        let fault = |reason: String| ProviderSetupFault { provider: settings.name.clone(), reason };
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|_| fault(format!("issuer {} is not a URL", settings.issuer)))?;
        let client = HttpClient::build(&settings.issuer, settings.ca.clone()).map_err(fault)?;
        Ok(Self { settings: settings.clone(), issuer, client, remembered: Mutex::default() })
    }

    /// What the file says of it.
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// Where to send the visitor. `hint` is what was typed as the name, if anything.
    ///
    /// # Errors
    /// The provider does not describe itself.
    pub async fn depart(&self, tether: &Tether, hint: &str, now: Timestamp) -> Result<String, ProviderFault> {
        let found = self.description(now).await?;
        let back_to = back_to(tether)?;
        let client = CoreClient::from_provider_metadata(found.metadata.clone(), self.client_id(), None);
        let (state, nonce) = (tether.state.clone(), tether.nonce.clone());
        let verifier = PkceCodeVerifier::new(tether.verifier.clone());
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_redirect_uri(Cow::Owned(back_to));
        for scope in self.settings.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        request = match self.settings.prompt {
            Prompt::SelectAccount => request.add_prompt(CoreAuthPrompt::SelectAccount),
            Prompt::Login => request.add_prompt(CoreAuthPrompt::Login),
            Prompt::Consent => request.add_prompt(CoreAuthPrompt::Consent),
            Prompt::Nothing => request,
        };
        if !hint.is_empty() {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        let (url, ..) = request.url();
        Ok(url.into())
    }

    /// Whether an answer that names its issuer, or does not, can be this provider's: another one's must not pass for it.
    pub async fn is_from(&self, iss: Option<&str>, now: Timestamp) -> bool {
        match iss {
            Some(iss) => iss == self.settings.issuer,
            None => match self.description(now).await {
                Ok(found) => {
                    !found.metadata.additional_metadata().authorization_response_iss_parameter_supported
                }
                Err(_) => true,
            },
        }
    }

    /// Judges what came back: exchanges the code, and checks the token it buys.
    ///
    /// # Errors
    /// The provider does not answer, or its answer proves nothing.
    pub async fn arrive(
        &self,
        tether: Tether,
        code: String,
        iss: Option<&str>,
        now: Timestamp,
    ) -> Result<Account, ProviderFault> {
        let found = self.description(now).await?;
        if !self.is_from(iss, now).await {
            return Err(refused("it does not come from the provider that was asked"));
        }
        let nonce = Nonce::new(tether.nonce.clone());
        let bought = self.exchange(&found.metadata, tether, code).await?;
        let token = bought.id_token().ok_or_else(|| refused("there is no token in it"))?;
        let mut found = found;
        if self.lacks_key(&found, token, now) && now.since(found.at).as_secs() >= KEYS_SECONDS {
            // Providers change their keys without a word: the token may be signed with one we have not seen.
            found = self.anew(&found, now).await?;
        }
        let verifier = self.verifier(&found, now);
        let claims = token.claims(&verifier, &nonce).map_err(|fault| refused(in_words(&fault)))?;
        self.check_the_rest(&bought, token, claims, &verifier)?;
        self.account(claims, now)
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        tether: Tether,
        code: String,
    ) -> Result<CoreTokenResponse, ProviderFault> {
        let back_to = back_to(&tether)?;
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let mut client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id(), secret)
            .set_redirect_uri(back_to);
        let takes = metadata.token_endpoint_auth_methods_supported();
        let takes_post_only = takes.is_some_and(|takes| {
            takes.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !takes.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        if takes_post_only {
            client = client.set_auth_type(AuthType::RequestBody);
        }
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| ProviderFault::Unreachable("it names no place to exchange codes".to_owned()))?
            .set_pkce_verifier(PkceCodeVerifier::new(tether.verifier));
        request.request_async(&self.client).await.map_err(|fault| match fault {
            RequestTokenError::Request(fault) => ProviderFault::Unreachable(fault.to_string()),
            RequestTokenError::ServerResponse(said) => {
                refused(format!("it does not take the code: {}", short(said.error().as_ref())))
            }
            // What cannot be read may hold a token: nothing of it is told.
            RequestTokenError::Parse(..) => refused("it cannot be read"),
            RequestTokenError::Other(_) => refused("it is empty"),
        })
    }

    /// Public whether or not we have a secret: a token "signed" with the client secret is never taken (HS256), nor is one
    /// that is not signed at all.
    fn verifier(&self, found: &Found, now: Timestamp) -> CoreIdTokenVerifier<'static> {
        use CoreJwsSigningAlgorithm as Alg;
        let keys = found.metadata.jwks().clone();
        let moment = now.unix().saturating_sub(LEEWAY_SECONDS);
        let late = UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(moment).unwrap_or(0));
        IdTokenVerifier::new_public_client(self.client_id(), self.issuer.clone(), keys)
            .set_allowed_algs([
                Alg::RsaSsaPkcs1V15Sha256,
                Alg::RsaSsaPkcs1V15Sha384,
                Alg::RsaSsaPkcs1V15Sha512,
                Alg::RsaSsaPssSha256,
                Alg::RsaSsaPssSha384,
                Alg::RsaSsaPssSha512,
                Alg::EcdsaP256Sha256,
                Alg::EcdsaP384Sha384,
                Alg::EdDsa,
            ])
            .set_time_fn(move || late.into())
            .set_issue_time_verifier_fn(move |issued| {
                let age = now.unix().saturating_sub(issued.timestamp());
                match age {
                    _ if age < -LEEWAY_SECONDS => Err("it was made in the future".to_owned()),
                    _ if age > OLDEST_TOKEN_SECONDS + LEEWAY_SECONDS => Err("it is old".to_owned()),
                    _ => Ok(()),
                }
            })
    }

    fn lacks_key(&self, found: &Found, token: &CoreIdToken, now: Timestamp) -> bool {
        let verifier = self.verifier(found, now);
        matches!(token.signing_key(&verifier), Err(SignatureVerificationError::NoMatchingKey))
    }

    /// What the library leaves to us.
    fn check_the_rest(
        &self,
        bought: &CoreTokenResponse,
        token: &CoreIdToken,
        claims: &CoreIdTokenClaims,
        verifier: &CoreIdTokenVerifier<'_>,
    ) -> Result<(), ProviderFault> {
        if claims.authorized_party().is_some_and(|party| *party != self.client_id()) {
            return Err(refused("the token was made for somebody else"));
        }
        if let Some(told) = claims.access_token_hash() {
            let own = token
                .signing_alg()
                .ok()
                .zip(token.signing_key(verifier).ok())
                .and_then(|(alg, key)| AccessTokenHash::from_token(bought.access_token(), alg, key).ok());
            if own.as_ref() != Some(told) {
                return Err(refused("its two tokens do not belong together"));
            }
        }
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.contains(char::is_control) {
            return Err(refused("the token names nobody"));
        }
        Ok(())
    }

    fn account(&self, claims: &CoreIdTokenClaims, now: Timestamp) -> Result<Account, ProviderFault> {
        let subject = claims.subject().as_str();
        let email = claims.email().map(|email| email.as_str());
        let name = claims.preferred_username().map(|name| name.as_str());
        let is_accepted = |amr: &str| self.settings.accept_amr.iter().any(|accepted| accepted == amr);
        let shown = claims.auth_method_refs().is_some_and(|all| all.iter().any(|amr| is_accepted(amr)));
        // A provider remembers who signed in; without its word on when, the second factor is taken for an old one.
        let shown_at = claims.auth_time().map_or(0, |at| at.timestamp().min(now.unix()));
        Ok(Account {
            issuer: self.settings.issuer.clone(),
            subject: subject.to_owned(),
            label: label(email.or(name).unwrap_or(subject)),
            verified_email: email.filter(|_| claims.email_verified() == Some(true)).map(str::to_owned),
            second_factor: shown.then(|| Timestamp::from_unix(shown_at)),
        })
    }

    /// How the provider describes itself: from memory, or asked anew after an hour.
    async fn description(&self, now: Timestamp) -> Result<Arc<Found>, ProviderFault> {
        let mut remembered = self.remembered.lock().await;
        if let Some(found) =
            remembered.found.as_ref().filter(|found| now.since(found.at).as_secs() < FRESH_SECONDS)
        {
            return Ok(Arc::clone(found));
        }
        let old = remembered.found.clone().filter(|found| now.since(found.at).as_secs() < STALE_SECONDS);
        match (self.ask(&mut remembered, now).await, old) {
            (Err(fault), Some(old)) => {
                tracing::warn!(provider = %self.settings.name, %fault, "its old description is used");
                Ok(old)
            }
            (asked, _) => asked,
        }
    }

    /// A description younger than `old`.
    async fn anew(&self, old: &Arc<Found>, now: Timestamp) -> Result<Arc<Found>, ProviderFault> {
        let mut remembered = self.remembered.lock().await;
        match &remembered.found {
            Some(found) if !Arc::ptr_eq(found, old) => Ok(Arc::clone(found)),
            _ => self.ask(&mut remembered, now).await,
        }
    }

    async fn ask(&self, remembered: &mut Remembered, now: Timestamp) -> Result<Arc<Found>, ProviderFault> {
        if remembered.failed_at.is_some_and(|at| now.since(at).as_secs() < REST_SECONDS) {
            return Err(ProviderFault::Unreachable("it did not answer a moment ago".to_owned()));
        }
        let asked = Metadata::discover_async(self.issuer.clone(), &self.client).await;
        let asked = asked.map_err(|fault| ProviderFault::Unreachable(undescribed(&fault)));
        match asked.and_then(|metadata| self.has_safe_places(metadata)) {
            Ok(metadata) => {
                let found = Arc::new(Found { metadata, at: now });
                *remembered = Remembered { found: Some(Arc::clone(&found)), failed_at: None };
                Ok(found)
            }
            Err(fault) => {
                remembered.failed_at = Some(now);
                Err(fault)
            }
        }
    }

    /// Visitors are sent to https only; on this machine plain http will do.
    fn has_safe_places(&self, metadata: Metadata) -> Result<Metadata, ProviderFault> {
        let url = metadata.authorization_endpoint().url();
        let is_safe = match url.scheme() {
            "https" => true,
            "http" => self.client.allows_plain && url.host_str().is_some_and(is_here),
            _ => false,
        };
        match is_safe {
            true => Ok(metadata),
            false => Err(ProviderFault::Unreachable(
                "it would send visitors to a place that is not https".to_owned(),
            )),
        }
    }
}

fn back_to(tether: &Tether) -> Result<RedirectUrl, ProviderFault> {
    RedirectUrl::new(tether.back_to.clone())
        .map_err(|_| ProviderFault::Unreachable("there is no way back from it".to_owned()))
}

fn refused(why: impl Into<String>) -> ProviderFault {
    ProviderFault::Refused(why.into())
}

/// Why a token is not taken, without what it says: that is somebody else's text.
fn in_words(fault: &ClaimsVerificationError) -> &'static str {
    match fault {
        ClaimsVerificationError::Expired(_) => "the token is not of this moment",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the token is of another sign-in",
        ClaimsVerificationError::SignatureVerification(fault) => match fault {
            SignatureVerificationError::NoMatchingKey => {
                "the token is signed with a key the provider does not have"
            }
            SignatureVerificationError::NoSignature => "the token is not signed",
            SignatureVerificationError::DisallowedAlg(_) => "the token is signed in a way that is not taken",
            _ => "the signature of the token is wrong",
        },
        _ => "the token cannot be used",
    }
}

/// Why a provider did not describe itself.
fn undescribed(fault: &DiscoveryError<HttpFault>) -> String {
    match fault {
        DiscoveryError::Request(fault) => fault.to_string(),
        DiscoveryError::Response(status, ..) => format!("it answers {status}, or in another form than JSON"),
        DiscoveryError::Validation(why) => format!("its description is not its own: {}", short(why)),
        _ => "its description cannot be read".to_owned(),
    }
}

/// At most this much of somebody else's text goes into a log.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn label(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_LABEL).collect()
}
