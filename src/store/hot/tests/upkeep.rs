//! What is over is swept; what the file no longer carries is ended.

use super::hot;
use crate::{
    domain::{identity::People, time::days, token::TokenHash},
    store::{hot::Ended, samples::*},
};

#[tokio::test]
async fn a_sweep_removes_what_is_over_and_spares_busy_sessions() {
    const HOUR: u64 = 3600;
    let hot = hot().await;
    hot.trust_device(device("ann", 1)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let idle = hot.open_session(session("ann", 1), None).await.unwrap();
    let busy = hot.open_session(session("ann", 2), None).await.unwrap();
    busy.touch(later(7 * HOUR));

    let swept = hot.sweep(later(8 * HOUR), days(90)).await.unwrap();
    assert_eq!((swept.sessions, swept.trusts), (1, 0));
    assert!(idle.is_closed() && !busy.is_closed());
    assert_eq!(hot.open_sessions(), 1);

    let swept = hot.sweep(START.after(days(30)), days(90)).await.unwrap();
    assert_eq!((swept.sessions, swept.trusts), (1, 2));
    assert_eq!(hot.open_sessions(), 0);
    assert_eq!(hot.addresses(None, START).await.unwrap(), []);
}

#[tokio::test]
async fn what_the_directory_and_the_portals_no_longer_carry_is_ended() {
    let hot = hot().await;
    let hashes: Vec<TokenHash> = (1..=5).map(hash).collect();
    for (name, number) in [("ann", 1), ("bob", 2), ("eve", 3), ("joe", 4)] {
        hot.open_session(session(name, number), None).await.unwrap();
        hot.trust_device(device(name, number)).await.unwrap();
        hot.trust_address(address(name, number, "192.0.2.7/32")).await.unwrap();
    }
    let mut elsewhere = session("ann", 5);
    elsewhere.portal = "removed".to_owned();
    hot.open_session(elsewhere, None).await.unwrap();

    let (ann, mut bob, mut eve) = (person("ann"), person("bob"), person("eve"));
    bob.disabled = true;
    eve.credential = other_mark("eve");
    let people = People::new([ann, bob, eve]);
    let ended = hot.end_outdated(|id| people.get(id).cloned(), &["wiki", "mail"]).await.unwrap();

    assert_eq!(ended, Ended { sessions: 4, trusts: 6 });
    let open: Vec<_> = hot.sessions(None, START).await.unwrap().into_iter().map(|s| s.hash).collect();
    assert_eq!(open, hashes[..1]);
    assert_eq!(hot.devices(None, START).await.unwrap(), [device("ann", 1)]);
    assert_eq!(hot.addresses(None, START).await.unwrap(), [address("ann", 1, "192.0.2.7/32")]);
}
