//! What is kept of an authority: the account there, and for each host one file with chain and key.
//!
//! Both in one file, replaced whole: no reader ever finds a chain beside the key of another. A folder is for one authority,
//! so that what a test authority gave is not shown when the real one is asked.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use instant_acme::{AccountCredentials, CertificateIdentifier};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};
use zeroize::Zeroizing;

use super::order::{AcmeFault, Issued};
use crate::{
    config::settings::AcmeSettings,
    domain::{facts::Host, time::Timestamp},
    serve::tls::covers,
    store::files,
};

const ACCOUNT: &str = "account.json";

/// The folder of one authority.
pub(in crate::serve) struct Folder(PathBuf);

/// A certificate from the folder.
pub(in crate::serve) struct Kept {
    /// What handshakes are answered with.
    pub(in crate::serve) certificate: Arc<CertifiedKey>,
    pub(super) held: Held,
}

/// Why a file is not shown.
#[derive(Debug)]
pub(in crate::serve) enum Unusable {
    /// It cannot be read, or others can read it: for its owner to put right.
    Refused(String),
    /// It holds no chain and key that fit, or not of this host.
    Useless(String),
}

/// What has to be known of a certificate to renew it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// What its authority calls it (RFC 9773, 4.1); `None` where it names no key of the authority's.
    pub(super) id: Option<CertificateIdentifier<'static>>,
}

impl Folder {
    pub(in crate::serve) fn of(acme: &AcmeSettings) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
        let authority = acme.directory.authority().map_or("", |authority| authority.as_str());
        let name: String = format!("{authority}{}", acme.directory.path()).chars().map(plain).collect();
        Self(acme.folder.join(name))
    }

    /// Makes it, for its owner alone.
    ///
    /// # Errors
    /// It cannot be made, or others could put files of theirs in it.
    pub(in crate::serve) fn prepare(&self) -> Result<(), String> {
        files::prepare_folder(&self.path(ACCOUNT)).map_err(|fault| fault.to_string())
    }

    /// The file of a host.
    pub(in crate::serve) fn file(&self, host: &Host) -> PathBuf {
        self.path(&format!("{host}.pem"))
    }

    /// What is kept for a host, if anything is.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(in crate::serve) fn read(&self, host: &Host) -> Result<Option<Kept>, Unusable> {
        let path = self.file(host);
        if !files::is_private(&path).map_err(|fault| Unusable::Refused(fault.to_string()))? {
            return Ok(None);
        }
        let refused = |fault| Unusable::Refused(told(&path, &fault));
        let pem = fs::read(&path).map(Zeroizing::new).map_err(refused)?;
        understand(&pem, host).map(Some).map_err(|fault| Unusable::Useless(told(&path, &fault)))
    }

    /// Writes something and takes it away again.
    pub(super) fn probe(&self) -> Result<(), AcmeFault> {
        let path = self.path("probe");
        self.keep(&path, b"")?;
        fs::remove_file(&path).map_err(|fault| AcmeFault::disk(&told(&path, &fault)))
    }

    /// Keeps what was given for a host, if it is of any use.
    pub(super) fn write(&self, host: &Host, issued: &Issued, now: Timestamp) -> Result<Held, AcmeFault> {
        let pem = Zeroizing::new(format!("{}{}", *issued.key, issued.chain).into_bytes());
        let kept = understand(&pem, host).map_err(|fault| AcmeFault::useless(&fault))?;
        if kept.held.not_after <= now {
            return Err(AcmeFault::useless(
                "what the authority gave has expired: is this machine's clock right?",
            ));
        }
        self.keep(&self.file(host), &pem)?;
        Ok(kept.held)
    }

    /// The account at the authority, if there is one.
    pub(super) fn account(&self) -> Result<Option<AccountCredentials>, AcmeFault> {
        let path = self.path(ACCOUNT);
        if !files::is_private(&path).map_err(|fault| AcmeFault::disk(&fault))? {
            return Ok(None);
        }
        let text =
            fs::read(&path).map(Zeroizing::new).map_err(|fault| AcmeFault::disk(&told(&path, &fault)))?;
        // Its key opens nothing that a new one would not: a file nobody can read is begun anew.
        Ok(serde_json::from_slice(&text).ok())
    }

    pub(super) fn keep_account(&self, account: &AccountCredentials) -> Result<(), AcmeFault> {
        let text = serde_json::to_vec(account).map_err(|fault| AcmeFault::disk(&fault))?;
        self.keep(&self.path(ACCOUNT), &Zeroizing::new(text))
    }

    /// The authority knows the account no longer.
    pub(super) fn forget_account(&self) -> Result<(), AcmeFault> {
        match fs::remove_file(self.path(ACCOUNT)) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(AcmeFault::disk(&fault)),
            _ => Ok(()),
        }
    }

    fn keep(&self, path: &Path, content: &[u8]) -> Result<(), AcmeFault> {
        self.prepare()
            .and_then(|()| files::write_private(path, content).map_err(|fault| fault.to_string()))
            .map_err(|fault| AcmeFault::disk(&fault))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Refused(why) | Self::Useless(why)) = self;
        f.write_str(why)
    }
}

fn told(path: &Path, fault: &dyn fmt::Display) -> String {
    format!("{}: {fault}", path.display())
}

fn understand(pem: &[u8], host: &Host) -> Result<Kept, String> {
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|fault| format!("holds no certificate chain: {fault}"))?;
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "holds no private key".to_owned())?;
    let leaf = chain.first().ok_or("holds no certificate")?;
    let (_, read) = X509Certificate::from_der(leaf).map_err(|fault| format!("cannot be read: {fault}"))?;
    let validity = read.validity();
    let held = Held {
        not_before: Timestamp::from_unix(validity.not_before.timestamp()),
        not_after: Timestamp::from_unix(validity.not_after.timestamp()),
        id: CertificateIdentifier::try_from(leaf).ok().map(CertificateIdentifier::into_owned),
    };
    let certificate = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|fault| format!("chain and key do not fit: {fault}"))?;
    if !covers(&certificate, host.as_str()) {
        return Err(format!("is no certificate for {host}"));
    }
    Ok(Kept { certificate: Arc::new(certificate), held })
}
