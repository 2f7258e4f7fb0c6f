//! `[trust]` as written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{At, SpanText, written::Text};
use crate::domain::trust::AddressScope;

/// What may stand in for the second factor, and how long.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "trust")]
pub(in crate::config) struct TrustTable {
    /// How long a remembered device needs no code: a span, or "until-password-change". Default: "30d"; "off" forbids it.
    pub device: Option<At<DeviceText>>,
    /// With what a remembered device may be unlocked instead of typing name and password: "passkey", "pin". Default: nothing.
    pub unlock: Option<At<Vec<At<UnlockWord>>>>,
    /// How long a trusted address needs no code. Default: "30d"; "off" forbids it.
    pub address: Option<At<SpanText>>,
    /// Where an address may be trusted at all. Default: everywhere.
    pub address_from: Option<Vec<At<String>>>,
    /// For whom a trusted address counts: "user" (who trusted it), "portal" or "everyone". Default: "user".
    pub address_scope: Option<At<AddressScope>>,
}

/// What unlocks a remembered device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "unlock")]
pub(in crate::config) enum UnlockWord {
    /// A passkey of theirs on this host: fingerprint, face or screen lock.
    Passkey,
    /// A PIN they set for this device.
    Pin,
}

/// How long a device is remembered, as written.
#[derive(Clone, Debug)]
pub(in crate::config) struct DeviceText(pub String);

impl<'de> Deserialize<'de> for DeviceText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a span of time in quotes, as in \"30d\", or \"until-password-change\" or \"off\"";
        deserializer.deserialize_str(Text(expected)).map(Self)
    }
}

impl JsonSchema for DeviceText {
    fn schema_name() -> Cow<'static, str> {
        "device_span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A span of time, as in \"30d\", or \"until-password-change\", or \"off\".",
            "type": "string",
            "pattern": r"^(off|until-password-change|\s*(\d+(\.\d+)?\s*[a-zµ]+[\s,]*)+)$",
        })
    }
}
