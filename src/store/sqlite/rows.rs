//! Rows into records. What cannot have been written by us is damage, never skipped.

use std::{net::IpAddr, str::FromStr, time::Duration};

use ipnet::IpNet;
use rusqlite::Row;

use crate::{
    domain::{
        approval::{Approval, Decision, MatchNumber, Page},
        factor::{Contact, Method, PageKey, PageSigner, Passkey, TotpFactor, TotpKey},
        facts::ReturnTo,
        identity::{CredentialMark, PasswordHash, UserId},
        kept_form::SealedForm,
        link::LinkOffer,
        login::{Ahead, First, Login, Proof, Stage},
        pairing::{PairedWith, Pairing, PairingStage},
        pin::DevicePin,
        sent_code::{Digits, SentCode},
        session::{Passed, Session},
        time::Timestamp,
        token::{RecordId, TokenHash},
        trust::{AddressScope, AddressTrust, DeviceTrust},
    },
    store::{
        StoreFault, Stored,
        seal::{Bond, Seal},
    },
};

/// The columns of [`session`], in its order.
pub(super) const SESSION: &str = "hash, id, person, portal, opened_at, last_seen, ends_at, idle, passed_method, \
                                  passed_at, device, credential, address, agent, first, handed_from";

pub(super) fn session(row: &Row<'_>) -> Stored<Session> {
    let method: Option<String> = row.get(8)?;
    let passed = match method {
        Some(name) => {
            let method = Method::from_name(&name).ok_or_else(|| misread("method", &name))?;
            Some(Passed { method, at: moment(row, 9)? })
        }
        None => None,
    };
    Ok(Session {
        hash: hash(row, 0)?,
        id: id(row, 1)?,
        person: person(row, 2)?,
        portal: row.get(3)?,
        opened_at: moment(row, 4)?,
        last_seen: moment(row, 5)?,
        ends_at: moment(row, 6)?,
        idle: Duration::from_secs(row.get::<_, i64>(7)?.unsigned_abs()),
        passed,
        device: row.get::<_, Option<String>>(10)?.map(|text| RecordId::from_text(&text)),
        credential: credential(row, 11)?,
        address: parsed(row, 12, "address")?,
        agent: row.get(13)?,
        first: first(row, 14)?,
        handed_from: row.get::<_, Option<String>>(15)?.map(|text| RecordId::from_text(&text)),
    })
}

/// The end of a device trust that no day ends. The column was there before such trusts were, and takes no NULL.
pub(super) const NEVER: i64 = i64::MAX;

/// The columns of [`device`], in its order.
pub(super) const DEVICE: &str = "id, person, hash, previous_hash, replaced_at, label, granted_at, expires_at, last_used, \
                                 credential";

pub(super) fn device(row: &Row<'_>) -> Stored<DeviceTrust> {
    let previous: Option<[u8; 32]> = row.get(3)?;
    let previous = match previous {
        Some(bytes) => Some((TokenHash::from_bytes(bytes), moment(row, 4)?)),
        None => None,
    };
    Ok(DeviceTrust {
        id: id(row, 0)?,
        person: person(row, 1)?,
        hash: hash(row, 2)?,
        previous,
        label: row.get(5)?,
        granted_at: moment(row, 6)?,
        expires_at: Some(moment(row, 7)?).filter(|end| end.unix() != NEVER),
        last_used: moment(row, 8)?,
        credential: credential(row, 9)?,
    })
}

/// The columns of [`address`], in its order.
pub(super) const ADDRESS: &str =
    "id, person, portal, scope, network, granted_at, expires_at, last_used, credential";

pub(super) fn address(row: &Row<'_>) -> Stored<AddressTrust> {
    let scope: String = row.get(3)?;
    let scope = [AddressScope::User, AddressScope::Portal, AddressScope::Everyone]
        .into_iter()
        .find(|known| known.name() == scope)
        .ok_or_else(|| misread("scope", &scope))?;
    Ok(AddressTrust {
        id: id(row, 0)?,
        person: person(row, 1)?,
        portal: row.get(2)?,
        scope,
        network: parsed::<IpNet>(row, 4, "network")?,
        granted_at: moment(row, 5)?,
        expires_at: moment(row, 6)?,
        last_used: moment(row, 7)?,
        credential: credential(row, 8)?,
    })
}

/// What secrets are sealed as.
pub(super) mod kind {
    pub(in crate::store::sqlite) const TOTP_KEY: &str = "totp key";
    pub(in crate::store::sqlite) const PAIRING_KEY: &str = "pairing key";
    pub(in crate::store::sqlite) const PIN_HASH: &str = "device pin";
    pub(in crate::store::sqlite) const ENROLMENT_KEY: &str = "enrolment key";
    pub(in crate::store::sqlite) const SENT_CODE: &str = "sent code";
}

/// The columns of [`totp`], in its order.
pub(super) const TOTP: &str =
    "id, person, label, sealed_key, added_at, last_used, last_step, page_portal, page_signer";

pub(super) fn totp(row: &Row<'_>, seal: &Seal) -> Stored<TotpFactor> {
    let (id, person) = (id(row, 0)?, person(row, 1)?);
    let sealed: Vec<u8> = row.get(3)?;
    let key = TotpKey::new(seal.open(&sealed, totp_bond(&person, &id))?);
    let portal: Option<String> = row.get(7)?;
    let page = match portal {
        Some(portal) => Some(PageKey { portal, signer: signer(row, 8)? }),
        None => None,
    };
    Ok(TotpFactor {
        page,
        label: row.get(2)?,
        key,
        added_at: moment(row, 4)?,
        last_used: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_unix),
        last_step: row.get(6)?,
        id,
        person,
    })
}

/// The columns of [`pairing`], in its order.
pub(super) const PAIRING: &str = "poll, portal, agent, signer, ends_at, number, sealed_key, person, app";

pub(super) fn pairing(row: &Row<'_>, seal: &Seal) -> Stored<Pairing> {
    let poll = hash(row, 0)?;
    let sealed: Option<Vec<u8>> = row.get(6)?;
    let stage = match sealed {
        Some(sealed) => PairingStage::Waiting {
            number: hash(row, 5)?,
            key: TotpKey::new(seal.open(&sealed, pairing_bond(&poll))?),
        },
        None => PairingStage::Linked(PairedWith { person: person(row, 7)?, app: id(row, 8)? }),
    };
    Ok(Pairing {
        poll,
        portal: row.get(1)?,
        agent: row.get(2)?,
        signer: signer(row, 3)?,
        ends_at: moment(row, 4)?,
        stage,
    })
}

/// What the key of a page that waits is sealed to: it is nobody's yet.
pub(super) fn pairing_bond(poll: &TokenHash) -> Bond<'_> {
    Bond { kind: kind::PAIRING_KEY, person: "", record: poll.as_bytes() }
}

fn signer(row: &Row<'_>, column: usize) -> Stored<PageSigner> {
    let bytes: Vec<u8> = row.get(column)?;
    PageSigner::read(&bytes).ok_or_else(|| misread("public key", "…"))
}

/// The columns of [`approval`], in its order.
pub(super) const APPROVAL: &str = "person, id, login, portal, number, asked_at, address, agent, decision";

pub(super) fn approval(row: &Row<'_>) -> Stored<Approval> {
    let (number, decision): (u8, Option<String>) = (row.get(4)?, row.get(8)?);
    let decision = match decision {
        Some(name) => Some(Decision::from_name(&name).ok_or_else(|| misread("decision", &name))?),
        None => None,
    };
    Ok(Approval {
        person: person(row, 0)?,
        id: id(row, 1)?,
        login: hash(row, 2)?,
        portal: row.get(3)?,
        number: MatchNumber::from_u8(number).ok_or_else(|| misread("number", "…"))?,
        asked_at: moment(row, 5)?,
        address: parsed::<IpAddr>(row, 6, "address")?,
        agent: row.get(7)?,
        decision,
    })
}

/// The columns of [`page`], in its order.
pub(super) const PAGE: &str = "id, person, page_portal, page_signer";

pub(super) fn page(row: &Row<'_>) -> Stored<Page> {
    let key = PageKey { portal: row.get(2)?, signer: signer(row, 3)? };
    Ok(Page { app: id(row, 0)?, person: person(row, 1)?, key })
}

/// The columns of [`passkey`], in its order.
pub(super) const PASSKEY: &str =
    "id, person, host, label, credential_id, handle, credential, added_at, last_used";

pub(super) fn passkey(row: &Row<'_>) -> Stored<Passkey> {
    Ok(Passkey {
        id: id(row, 0)?,
        person: person(row, 1)?,
        host: row.get(2)?,
        label: row.get(3)?,
        credential_id: row.get(4)?,
        handle: row.get(5)?,
        credential: row.get(6)?,
        added_at: moment(row, 7)?,
        last_used: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_unix),
    })
}

/// The columns of [`pin`], in its order.
pub(super) const PIN: &str = "device, person, portal, sealed_hash, set_at, wrong";

pub(super) fn pin(row: &Row<'_>, seal: &Seal) -> Stored<DevicePin> {
    let (device, person) = (id(row, 0)?, person(row, 1)?);
    let opened = seal.open(&row.get::<_, Vec<u8>>(3)?, pin_bond(&person, &device))?;
    let hash = str::from_utf8(&opened).map_err(|_| misread("hash of a PIN", "…"))?;
    Ok(DevicePin {
        portal: row.get(2)?,
        hash: PasswordHash::new(hash.to_owned()),
        set_at: moment(row, 4)?,
        wrong: row.get(5)?,
        device,
        person,
    })
}

/// What is kept of a PIN is sealed to its device.
pub(super) fn pin_bond<'a>(person: &'a UserId, device: &'a RecordId) -> Bond<'a> {
    Bond { kind: kind::PIN_HASH, person: person.as_str(), record: device.as_str().as_bytes() }
}

/// What a linked app's key is sealed to.
pub(super) fn totp_bond<'a>(person: &'a UserId, id: &'a RecordId) -> Bond<'a> {
    Bond { kind: kind::TOTP_KEY, person: person.as_str(), record: id.as_str().as_bytes() }
}

pub(super) fn contact(row: &Row<'_>) -> Stored<Contact> {
    let name: String = row.get(0)?;
    Ok(Contact {
        method: Method::from_name(&name).ok_or_else(|| misread("method", &name))?,
        to: row.get(1)?,
        verified_at: moment(row, 2)?,
    })
}

/// The columns of [`login`], in its order.
pub(super) const LOGIN: &str = "hash, person, portal, return_to, first_factor_at, ends_at, sealed_key, wrong_codes, \
                                credential, address, agent, replaces, ahead_minutes, ahead_step, first, sent_method, sent_to, \
                                sent_sealed, sent_at, sends, stage";

pub(super) fn login(row: &Row<'_>, seal: &Seal) -> Stored<Login> {
    let (hash, person) = (hash(row, 0)?, person(row, 1)?);
    let sealed: Option<Vec<u8>> = row.get(6)?;
    let name: String = row.get(20)?;
    let open =
        |sealed: &[u8]| Ok::<_, StoreFault>(TotpKey::new(seal.open(sealed, login_bond(&person, &hash))?));
    let stage = match (name.as_str(), sealed) {
        ("code", None) => Stage::Code,
        ("contact", None) => Stage::Contact,
        ("enrol", Some(sealed)) => Stage::Enrol { key: open(&sealed)?, proof: Proof::App },
        ("enrol_glass", Some(sealed)) => Stage::Enrol { key: open(&sealed)?, proof: Proof::AppAfterGlass },
        ("enrol_sent", Some(sealed)) => Stage::Enrol { key: open(&sealed)?, proof: Proof::AppAndSent },
        _ => return Err(misread("stage", &name)),
    };
    let sent_method: Option<String> = row.get(15)?;
    let sent = match sent_method {
        None => None,
        Some(name) => {
            let opened = seal.open(&row.get::<_, Vec<u8>>(17)?, sent_bond(&person, &hash))?;
            let digits =
                str::from_utf8(&opened).ok().and_then(Digits::read).ok_or_else(|| misread("code", "…"))?;
            Some(SentCode {
                method: Method::from_name(&name).ok_or_else(|| misread("method", &name))?,
                to: row.get(16)?,
                digits,
                sent_at: moment(row, 18)?,
                sends: row.get(19)?,
            })
        }
    };
    Ok(Login {
        first: first(row, 14)?,
        sent,
        portal: row.get(2)?,
        return_to: ReturnTo::read(&row.get::<_, String>(3)?),
        first_factor_at: moment(row, 4)?,
        ends_at: moment(row, 5)?,
        stage,
        wrong_codes: row.get(7)?,
        credential: credential(row, 8)?,
        address: parsed::<IpAddr>(row, 9, "address")?,
        agent: row.get(10)?,
        replaces: row.get::<_, Option<[u8; 32]>>(11)?.map(TokenHash::from_bytes),
        ahead: match (row.get(12)?, row.get(13)?) {
            (Some(minutes), Some(step)) => Some(Ahead { minutes, step }),
            _ => None,
        },
        hash,
        person,
    })
}

/// The word for a stage.
pub(super) fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Code => "code",
        Stage::Contact => "contact",
        Stage::Enrol { proof: Proof::App, .. } => "enrol",
        Stage::Enrol { proof: Proof::AppAndSent, .. } => "enrol_sent",
        Stage::Enrol { proof: Proof::AppAfterGlass, .. } => "enrol_glass",
    }
}

/// What the key of an app being linked is sealed to.
pub(super) fn login_bond<'a>(person: &'a UserId, hash: &'a TokenHash) -> Bond<'a> {
    Bond { kind: kind::ENROLMENT_KEY, person: person.as_str(), record: hash.as_bytes() }
}

/// What a code that was sent is sealed to.
pub(super) fn sent_bond<'a>(person: &'a UserId, hash: &'a TokenHash) -> Bond<'a> {
    Bond { kind: kind::SENT_CODE, person: person.as_str(), record: hash.as_bytes() }
}

/// The columns of [`link`], in its order.
pub(super) const LINK: &str = "browser, link, code, person, email, typed, portal, return_to, credential, asked_at, \
                               ends_at, wrong_codes, address, agent";

pub(super) fn link(row: &Row<'_>) -> Stored<LinkOffer> {
    Ok(LinkOffer {
        browser: hash(row, 0)?,
        link: row.get::<_, Option<[u8; 32]>>(1)?.map(TokenHash::from_bytes),
        code: hash(row, 2)?,
        person: person(row, 3)?,
        email: row.get(4)?,
        typed: row.get(5)?,
        portal: row.get(6)?,
        return_to: ReturnTo::read(&row.get::<_, String>(7)?),
        credential: credential(row, 8)?,
        asked_at: moment(row, 9)?,
        ends_at: moment(row, 10)?,
        wrong_codes: row.get(11)?,
        address: parsed::<IpAddr>(row, 12, "address")?,
        agent: row.get(13)?,
    })
}

pub(super) const KEPT_FORM: &str = "hash, owner, network, ends_at, sealed";

pub(super) fn kept_form(row: &Row<'_>) -> Stored<SealedForm> {
    Ok(SealedForm {
        hash: hash(row, 0)?,
        owner: row.get::<_, Option<String>>(1)?.map(|owner| UserId::kept(&owner)),
        network: parsed::<IpNet>(row, 2, "network")?,
        ends_at: moment(row, 3)?,
        sealed: row.get(4)?,
    })
}

fn first(row: &Row<'_>, column: usize) -> Stored<First> {
    let name: String = row.get(column)?;
    First::from_name(&name).ok_or_else(|| misread("first factor", &name))
}

pub(super) fn hash(row: &Row<'_>, column: usize) -> Stored<TokenHash> {
    Ok(TokenHash::from_bytes(row.get(column)?))
}

pub(super) fn id(row: &Row<'_>, column: usize) -> Stored<RecordId> {
    Ok(RecordId::from_text(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?))
}

pub(super) fn person(row: &Row<'_>, column: usize) -> Stored<UserId> {
    Ok(UserId::kept(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?))
}

pub(super) fn credential(row: &Row<'_>, column: usize) -> Stored<CredentialMark> {
    Ok(CredentialMark::from_bytes(row.get(column)?))
}

pub(super) fn moment(row: &Row<'_>, column: usize) -> Stored<Timestamp> {
    Ok(Timestamp::from_unix(row.get(column)?))
}

pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: usize, what: &str) -> Stored<T> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    text.parse().map_err(|_| misread(what, text))
}

pub(super) fn misread(what: &str, text: &str) -> StoreFault {
    StoreFault::Damaged(format!("no {what} can be {text:?}"))
}

/// Whole seconds, for a column.
pub(super) fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
