//! Trusted addresses: where, for whom and until when.

use super::{covering, covers, hot};
use crate::{
    domain::{time::days, trust::AddressScope},
    store::samples::*,
};

#[tokio::test]
async fn a_trusted_address_waives_the_code_until_day_thirty() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    assert_eq!(covering(&hot, "ann", START.after(DAY_29_LAST_SECOND)), Some(id("address-1")));
    assert_eq!(covering(&hot, "ann", START.after(days(30))), None);
    assert_eq!(covering(&hot, "bob", START), None);
    let ask = |mark, client| covers(&hot, "ann", mark, "wiki", client, START);
    assert_eq!(ask(mark("ann"), "::ffff:192.0.2.7"), Some(id("address-1")));
    assert_eq!(ask(mark("ann"), "192.0.2.8"), None);
    assert_eq!(ask(other_mark("ann"), "192.0.2.7"), None);
}

#[tokio::test]
async fn an_ipv6_household_shares_its_64() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "2001:db8:1:2::/64")).await.unwrap();
    let ask = |client| covers(&hot, "ann", mark("ann"), "wiki", client, START);
    assert_eq!(ask("2001:db8:1:2:ffff:ffff:ffff:ffff"), Some(id("address-1")));
    assert_eq!(ask("2001:db8:1:3::"), None);
}

#[tokio::test]
async fn a_wider_scope_covers_everybody_at_the_portal_or_everywhere() {
    let hot = hot().await;
    let mut wide = address("ann", 1, "192.0.2.7/32");
    wide.scope = AddressScope::Portal;
    hot.trust_address(wide).await.unwrap();
    let at = |portal| covers(&hot, "bob", mark("bob"), portal, "192.0.2.7", START);
    assert_eq!((at("wiki"), at("mail")), (Some(id("address-1")), None));

    let mut widest = address("eve", 2, "192.0.2.7/32");
    widest.scope = AddressScope::Everyone;
    hot.trust_address(widest).await.unwrap();
    assert_eq!(at("mail"), Some(id("address-2")));
}

#[tokio::test]
async fn an_address_trusted_again_counts_from_the_later_trust() {
    let hot = hot().await;
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let mut again = address("ann", 2, "192.0.2.7/32");
    again.granted_at = START.after(days(1));
    again.expires_at = START.after(days(31));
    hot.trust_address(again).await.unwrap();
    assert_eq!(covering(&hot, "ann", START.after(days(30))), Some(id("address-2")));
    hot.revoke_trust(Some(&user("ann")), &id("address-2")).await.unwrap();
    assert_eq!(covering(&hot, "ann", START), None);
}

#[tokio::test]
async fn nobody_revokes_the_trust_of_somebody_else_but_an_administrator() {
    let hot = hot().await;
    hot.trust_device(device("ann", 1)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    for trust in [id("device-1"), id("address-1")] {
        assert!(!hot.revoke_trust(Some(&user("bob")), &trust).await.unwrap());
        assert!(hot.revoke_trust(None, &trust).await.unwrap());
        assert!(!hot.revoke_trust(None, &trust).await.unwrap());
    }
    assert_eq!(hot.devices(None, START).await.unwrap(), []);
}
