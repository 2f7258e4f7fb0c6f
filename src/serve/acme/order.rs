//! One certificate for one host: account, order, proof, certificate (RFC 8555, 7.1).

use std::{fmt, sync::Arc, time::Duration};

use data_encoding::BASE64URL_NOPAD;
use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Error, ExternalAccountKey,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, Problem, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::{
    Challenges, Folder,
    challenges::{Posted, Proof},
    client::Client,
    plan::Weight,
};
use crate::{
    config::settings::{AcmeSettings, Challenge},
    domain::facts::Host,
};

/// How long an authority may take to look, and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(120));

/// Tokens have 43 characters or a little more.
const LONGEST_TOKEN: usize = 128;
/// More of what an authority says is not logged.
const LONGEST_WORD: usize = 500;

/// What an order is for.
pub(super) struct Ask<'a> {
    pub(super) host: &'a Host,
    pub(super) acme: &'a AcmeSettings,
    /// How many failed before: each takes the next way to prove the host.
    pub(super) attempt: u32,
    /// The certificate it takes the place of, for authorities that want to know.
    pub(super) replaces: Option<CertificateIdentifier<'static>>,
    pub(super) challenges: &'a Arc<Challenges>,
}

/// What an authority gave.
pub(super) struct Issued {
    pub(super) chain: String,
    pub(super) key: Zeroizing<String>,
}

/// Why there is no certificate.
#[derive(Debug)]
pub(super) struct AcmeFault {
    told: String,
    weight: Weight,
    is_unsupported: bool,
    /// Whether the authority knows the account no longer.
    is_account_gone: bool,
}

/// The account in the folder, or a new one.
pub(super) async fn account(acme: &AcmeSettings, folder: &Folder) -> Result<Account, AcmeFault> {
    let builder = || Account::builder_with_http(Box::new(Client::trusting(acme.ca.clone())));
    if let Some(known) = folder.account()? {
        return Ok(builder().from_credentials(known).await?);
    }
    let contact: Vec<&str> = acme.contact.iter().map(String::as_str).collect();
    let terms = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let external = acme.external_account.as_ref().and_then(|external| {
        let key = BASE64URL_NOPAD.decode(external.key.expose_secret().as_bytes()).map(Zeroizing::new).ok()?;
        Some(ExternalAccountKey::new(external.id.clone(), &key))
    });
    let (account, credentials) =
        builder().create(&terms, acme.directory.to_string(), external.as_ref()).await?;
    folder.keep_account(&credentials)?;
    tracing::info!(directory = %acme.directory, "an account was made at the authority");
    Ok(account)
}

/// Orders a certificate and waits for it.
pub(super) async fn order(account: &Account, ask: &Ask<'_>) -> Result<Issued, AcmeFault> {
    let mut order = begin(account, ask).await?;
    // Kept until the authority has looked.
    let posted = prove(&mut order, ask).await?;
    let status = order.poll_ready(&PATIENCE).await?;
    drop(posted);
    if status != OrderStatus::Ready {
        return Err(why_not(&mut order).await);
    }
    let key = Zeroizing::new(order.finalize().await?);
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(Issued { chain, key })
}

async fn begin(account: &Account, ask: &Ask<'_>) -> Result<Order, AcmeFault> {
    let names = [Identifier::Dns(ask.host.as_str().to_owned())];
    let plain = || {
        let order = NewOrder::new(&names);
        match &ask.acme.profile {
            Some(profile) => order.profile(profile),
            None => order,
        }
    };
    if let Some(replaced) = &ask.replaces {
        match account.new_order(&plain().replaces(replaced.clone())).await {
            Ok(order) => return Ok(order),
            // Replaced before, or forgotten: a new one is still wanted.
            Err(fault) => tracing::debug!(%fault, "the authority does not take an order as a renewal"),
        }
    }
    Ok(account.new_order(&plain()).await?)
}

/// Puts up what the authority will look for, and says that it may.
async fn prove(order: &mut Order, ask: &Ask<'_>) -> Result<Vec<Posted>, AcmeFault> {
    let mut posted = Vec::new();
    if order.state().authorizations.len() != 1 {
        return Err(AcmeFault::refused("the authority wants more proved than one host".to_owned()));
    }
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => return Err(AcmeFault::refused(format!("the authority's authorization is {other:?}"))),
        }
        let way = ways(ask)
            .into_iter()
            .find(|way| authorization.challenges.iter().any(|offered| offered.r#type == kind(*way)));
        let Some(way) = way else {
            return Err(AcmeFault::refused(
                "the authority offers none of the challenges that [tls.acme] names".to_owned(),
            ));
        };
        let Some(mut challenge) = authorization.challenge(kind(way)) else { continue };
        // It becomes part of an answer (RFC 8555, 8.3).
        let is_token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if challenge.token.len() > LONGEST_TOKEN || !challenge.token.bytes().all(is_token) {
            return Err(AcmeFault::refused("the authority's challenge has no proper token".to_owned()));
        }
        let authority = challenge.key_authorization();
        let proof = match way {
            Challenge::Http01 => {
                Proof::Http { token: challenge.token.clone(), answer: authority.as_str().to_owned() }
            }
            Challenge::TlsAlpn01 => Proof::Tls(proof(ask.host, authority.digest().as_ref())?),
        };
        posted.push(ask.challenges.post(ask.host, proof));
        challenge.set_ready().await?;
    }
    Ok(posted)
}

/// The ways to prove a host, beginning with another one after each failure.
fn ways(ask: &Ask<'_>) -> Vec<Challenge> {
    let mut ways = ask.acme.challenges.clone();
    if let Some(first) = (ask.attempt as usize).checked_rem(ways.len()) {
        ways.rotate_left(first);
    }
    ways
}

const fn kind(way: Challenge) -> ChallengeType {
    match way {
        Challenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
        Challenge::Http01 => ChallengeType::Http01,
    }
}

/// The certificate that proves a host in a handshake (RFC 8737, 3).
fn proof(host: &Host, digest: &[u8]) -> Result<Arc<CertifiedKey>, AcmeFault> {
    let broken = |fault: &dyn fmt::Display| AcmeFault::useless(&format!("no proof can be made: {fault}"));
    let mut params = CertificateParams::new([host.as_str().to_owned()]).map_err(|fault| broken(&fault))?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().map_err(|fault| broken(&fault))?;
    let made = params.self_signed(&key).map_err(|fault| broken(&fault))?;
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = aws_lc_rs::sign::any_supported_type(&der).map_err(|fault| broken(&fault))?;
    // Not compared with its certificate: that bears an extension which only authorities read, and must.
    Ok(Arc::new(CertifiedKey::new(vec![made.der().clone()], key)))
}

/// What the authority says of the proof it did not accept.
async fn why_not(order: &mut Order) -> AcmeFault {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if let Ok(state) = authorization.refresh().await
            && let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.clone())
        {
            return Error::Api(problem).into();
        }
    }
    AcmeFault::refused("the authority did not accept the proof, and does not say why".to_owned())
}

impl AcmeFault {
    /// It took too long.
    pub(super) fn slow() -> Self {
        Self::of("the authority took too long".to_owned(), Weight::Absent)
    }

    /// What was given is no certificate for the host, or nothing can be made of it.
    pub(super) fn useless(why: &str) -> Self {
        Self::of(why.to_owned(), Weight::Refused)
    }

    /// The folder cannot be read or written: nobody is asked, as nothing could be kept.
    pub(super) fn disk(fault: &dyn fmt::Display) -> Self {
        Self::of(fault.to_string(), Weight::Refused)
    }

    fn refused(why: String) -> Self {
        Self::of(why, Weight::Refused)
    }

    const fn of(told: String, weight: Weight) -> Self {
        Self { told, weight, is_unsupported: false, is_account_gone: false }
    }

    pub(super) const fn weight(&self) -> Weight {
        self.weight
    }

    /// Whether the authority never heard of what was asked.
    pub(super) const fn is_unsupported(&self) -> bool {
        self.is_unsupported
    }

    /// Whether another account has to be made.
    pub(super) const fn is_account_gone(&self) -> bool {
        self.is_account_gone
    }
}

impl From<Error> for AcmeFault {
    fn from(fault: Error) -> Self {
        let is = |problem: &Problem, kind: &str| {
            problem.r#type.as_deref().and_then(|found| found.strip_prefix("urn:ietf:params:acme:error:"))
                == Some(kind)
        };
        let mut told = fault.to_string();
        told.truncate(told.floor_char_boundary(LONGEST_WORD));
        let mut made = Self::of(told, Weight::Refused);
        match &fault {
            Error::Api(problem) => {
                made.is_account_gone = is(problem, "accountDoesNotExist");
                if is(problem, "rateLimited") {
                    made.weight = Weight::TooOften;
                } else if problem.status.is_some_and(|status| status >= 500) {
                    made.weight = Weight::Absent;
                }
            }
            Error::Unsupported(_) => made.is_unsupported = true,
            // The wire's own faults, and answers of somebody who stands in front of the authority.
            Error::Other(_) | Error::Json(_) | Error::Timeout(_) => made.weight = Weight::Absent,
            _ => {}
        }
        made
    }
}

impl fmt::Display for AcmeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}
