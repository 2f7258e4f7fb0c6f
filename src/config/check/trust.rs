//! `[trust]`: how long devices and addresses are trusted, and what unlocks a device.

use std::ops::Range;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{
    Check,
    value::{self, Allowed},
};
use crate::{
    config::{
        file::{At, DeviceText, TrustTable, UnlockWord},
        settings::{TrustSettings, Unlock},
    },
    domain::{
        factor::Method,
        time::days,
        trust::{AddressScope, DeviceTerms},
    },
};

/// `[trust]`; `methods` are those of `[second_factor]`.
pub(super) fn trust(check: &mut Check<'_, '_>, table: &TrustTable, methods: &[Method]) -> TrustSettings {
    let everywhere = || vec![IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
    let address_from = table.address_from.as_deref().map_or_else(everywhere, |list| check.networks(list));
    let address = check.span_or_off(table.address.as_ref(), days(30), Allowed::TRUST);
    if address.is_some() && table.address_from.as_ref().is_some_and(Vec::is_empty) {
        check
            .desk
            .warn(
                table.address.as_ref().map_or(0..0, At::span),
                "no address may ever be trusted: \"address_from\" is empty",
            )
            .hint("write address = \"off\" to say so, or list networks in \"address_from\"");
    }
    let device = device(check, table.device.as_ref());
    if let Some(written) = table.address.as_ref().filter(|_| address.is_some_and(|span| span > days(30))) {
        warn_of_long(check, written.span(), "a trusted address");
    }
    if let Some(written) = &table.address_scope {
        let whom = match written.value() {
            AddressScope::User => None,
            AddressScope::Portal => Some("at the portal it was trusted on"),
            AddressScope::Everyone => Some("at every portal"),
        };
        if let Some(whom) = whom.filter(|_| address.is_some()) {
            check
                .desk
                .warn(
                    written.span(),
                    format!("one person who trusts an address spares everybody there the code {whom}"),
                )
                .hint("write address_scope = \"user\": then it counts for who trusted it");
        }
    }
    TrustSettings {
        device,
        unlock: unlock(check, table, device, methods),
        address,
        address_from,
        address_scope: table.address_scope.as_ref().map_or(AddressScope::User, |scope| *scope.value()),
    }
}

/// How long a device is remembered.
fn device(check: &mut Check<'_, '_>, written: Option<&At<DeviceText>>) -> Option<DeviceTerms> {
    let usual = DeviceTerms::For(days(30));
    let Some(written) = written else { return Some(usual) };
    let text = written.value().0.as_str();
    match text {
        "off" => return None,
        UNTIL_PASSWORD_CHANGE => {
            check
                .desk
                .warn(
                    written.span(),
                    "whoever takes over a remembered device needs no code until the password changes",
                )
                .hint("write \"30d\" to have it end in any case");
            return Some(DeviceTerms::UntilPasswordChange);
        }
        _ => {}
    }
    if text.trim().to_lowercase().replace(['_', ' '], "-") == UNTIL_PASSWORD_CHANGE {
        let what = format!("\"{text}\" is no span of time");
        check.desk.error(written.span(), what).hint(format!("did you mean \"{UNTIL_PASSWORD_CHANGE}\"?"));
        return Some(usual);
    }
    match value::span(text, Allowed::TRUST) {
        Ok(span) => {
            if span > days(30) {
                warn_of_long(check, written.span(), "a remembered device");
            }
            Some(DeviceTerms::For(span))
        }
        Err(fault) => {
            check.desk.error(written.span(), fault.message).hint_if(fault.hint);
            Some(usual)
        }
    }
}

fn warn_of_long(check: &mut Check<'_, '_>, place: Range<usize>, what: &str) {
    let message = format!("whoever takes over {what} needs no code for more than 30 days");
    check.desk.warn(place, message).hint("write \"30d\" or less");
}

/// With what a remembered device is unlocked. What cannot work is left out, so that it is never half offered.
fn unlock(
    check: &mut Check<'_, '_>,
    table: &TrustTable,
    device: Option<DeviceTerms>,
    methods: &[Method],
) -> Vec<Unlock> {
    let Some(list) = &table.unlock else { return Vec::new() };
    if device.is_none() && !list.value().is_empty() {
        check
            .desk
            .error(list.span(), "there is nothing to unlock: no device is remembered while device = \"off\"")
            .hint("write device = \"30d\", or leave \"unlock\" out");
        return Vec::new();
    }
    let mut ways = Vec::new();
    for word in list.value() {
        let way = match word.value() {
            UnlockWord::Passkey => Unlock::Passkey,
            UnlockWord::Pin => Unlock::Pin,
        };
        if ways.contains(&way) {
            check.desk.warn(word.span(), "this way is listed twice").hint("once is enough");
        } else if way == Unlock::Passkey && !methods.contains(&Method::Passkey) {
            check
                .desk
                .warn(
                    word.span(),
                    "\"passkey\" unlocks nothing: it is not among the methods of [second_factor]",
                )
                .hint("write methods = [\"totp\", \"passkey\"] there, or leave \"passkey\" out here");
        } else {
            ways.push(way);
        }
    }
    ways
}

/// The word for trust that no day ends.
const UNTIL_PASSWORD_CHANGE: &str = "until-password-change";
