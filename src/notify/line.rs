//! Connections to a mail server, kept for the next mail.
//!
//! Only a connection whose last mail was answered is kept. One that was given up half-way may still hold an earlier mail's
//! recipient, and answers that belong to it: it is dropped.

use std::{
    cell::RefCell,
    fmt,
    time::{Duration, Instant},
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;

use crate::config::settings::{SmtpSecurity, SmtpSettings};

/// Connections kept for the next mail, and for how long.
const MOST_IDLE: usize = 4;
const KEEP_IDLE: Duration = Duration::from_secs(30);

/// The way to one mail server.
pub(super) struct Line {
    server: (String, u16),
    greeting: ClientId,
    /// Encrypted from the first byte, or after one word.
    tls: Option<(TlsParameters, Begin)>,
    login: Option<Credentials>,
    idle: RefCell<Vec<(AsyncSmtpConnection, Instant)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Encrypted,
    ByStartTls,
}

impl Line {
    /// Prepares the way; nothing is opened yet.
    pub(super) fn to(server: &SmtpSettings, own_domain: &str) -> Result<Self, String> {
        let tls = match server.security {
            SmtpSecurity::StartTls => Some((trust(server)?, Begin::ByStartTls)),
            SmtpSecurity::Tls => Some((trust(server)?, Begin::Encrypted)),
            SmtpSecurity::None => None,
        };
        let login = server.login.as_ref();
        Ok(Self {
            server: (server.host.clone(), server.port),
            greeting: ClientId::Domain(own_domain.to_owned()),
            tls,
            login: login.map(|(name, word)| Credentials::new(name.clone(), word.expose_secret().to_owned())),
            idle: RefCell::default(),
        })
    }

    /// Hands a mail over. May be given up at any moment.
    pub(super) async fn send(&self, mail: &Message) -> Result<(), Error> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.open().await?,
        };
        connection.send(mail.envelope(), &mail.formatted()).await?;
        let mut idle = self.idle.borrow_mut();
        if idle.len() < MOST_IDLE {
            idle.push((connection, Instant::now()));
        }
        Ok(())
    }

    /// A connection that still stands.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle.borrow_mut().pop()?;
            if since.elapsed() < KEEP_IDLE && connection.test_connected().await {
                return Some(connection);
            }
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Error> {
        let (encrypted, later) = match &self.tls {
            Some((tls, Begin::Encrypted)) => (Some(tls.clone()), None),
            Some((tls, Begin::ByStartTls)) => (None, Some(tls.clone())),
            None => (None, None),
        };
        let server = (self.server.0.as_str(), self.server.1);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, None, &self.greeting, encrypted, None).await?;
        if let Some(tls) = later {
            // Refused where the server does not offer it: nothing of ours goes unencrypted.
            connection.starttls(tls, &self.greeting).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(connection)
    }
}

/// Whom to trust: the system's authorities, or those of one bundle and no others.
fn trust(server: &SmtpSettings) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(bundle) = &server.ca {
        let unusable = |fault: &dyn fmt::Display| format!("CA bundle {}: {fault}", bundle.display());
        let pem = std::fs::read(bundle).map_err(|fault| unusable(&fault))?;
        let authorities = Certificate::from_pem(&pem).map_err(|fault| unusable(&fault))?;
        parameters = parameters.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    parameters.build().map_err(|fault| fault.to_string())
}
