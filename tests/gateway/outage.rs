//! The store of a world, with a switch that makes every call of it fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use vestibule::{
    domain::{
        approval::{Approval, Decision, Page},
        audit::{AuditEvent, AuditKind},
        break_glass::BreakGlass,
        factor::{Account, Contact, Method, Passkey, TotpFactor},
        help::{HelpAnswer, HelpRequest},
        identity::UserId,
        invitation::Invitation,
        kept::KeptPerson,
        kept_form::{Room, SealedForm},
        link::LinkOffer,
        login::Login,
        notice::NotMe,
        pairing::{PairedWith, Pairing},
        pin::{DevicePin, PinLeft},
        provider::{Departure, Identity},
        session::Session,
        switches::Switches,
        throttle::{Bucket, TryVerdict},
        time::Timestamp,
        token::{RecordId, TokenHash},
        trust::{AddressTrust, DeviceTrust},
    },
    store::{
        AccountOutline, Accounts, Approvals, Attempts, BreakGlasses, DayCount, Ends, EventQuery,
        HelpRequests, Identities, Invitations, Journal, KeptForms, Leaving, Linked, Linking, Links, Logins,
        Notices, Pairings, Passkeys, PeoplePage, PeopleQuery, Pins, Residents, Sessions, SharedStore,
        StoreFault, Stored, Swept, Taken, Trusts, Unlinked, Upkeep,
    },
};

/// A store that can go down.
pub(crate) struct Outage {
    pub(crate) inner: SharedStore,
    pub(crate) is_down: Arc<AtomicBool>,
}

macro_rules! port {
    ($port:ident { $(fn $verb:ident($($arg:ident: $kind:ty),*) -> $out:ty;)+ }) => {
        #[async_trait::async_trait]
        impl $port for Outage {
            $(async fn $verb(&self, $($arg: $kind),*) -> Stored<$out> {
                if self.is_down.load(Ordering::SeqCst) {
                    return Err(StoreFault::Unavailable("the disk is gone".to_owned()));
                }
                self.inner.$verb($($arg),*).await
            })+
        }
    };
}

include!("store_ports.rs");
