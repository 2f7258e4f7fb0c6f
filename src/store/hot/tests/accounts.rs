//! Linked and unlinked apps, and the sessions they end.

use super::{covering, hot};
use crate::store::{Leaving, Linking, Unlinked, samples::*};

#[tokio::test]
async fn linking_an_app_is_seen_by_running_sessions_and_ends_the_others() {
    let hot = hot().await;
    hot.trust_device(device("ann", 9)).await.unwrap();
    hot.trust_address(address("ann", 1, "192.0.2.7/32")).await.unwrap();
    let mut open = session("ann", 1);
    open.device = Some(id("device-9"));
    let kept = hot.open_session(open, None).await.unwrap();
    let ended = hot.open_session(session("ann", 2), None).await.unwrap();

    assert_eq!(hot.add_totp(totp("ann", 1), Linking::Another, Some(hash(1))).await.unwrap(), Some(1));
    assert!(kept.account().is_enrolled() && !kept.is_closed() && ended.is_closed());
    assert_eq!(kept.waiving_device(START, &mark("ann"), THIRTY), None);
    assert_eq!(covering(&hot, "ann", START), None);

    assert_eq!(
        hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, Some(hash(1))).await.unwrap(),
        Unlinked::Done(0)
    );
    assert!(!kept.account().is_enrolled());
    assert_eq!(
        hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, None).await.unwrap(),
        Unlinked::Unknown
    );
    assert!(!kept.is_closed());
}

#[tokio::test]
async fn one_of_two_apps_may_go_and_the_person_stays_enrolled() {
    let hot = hot().await;
    hot.add_totp(totp("ann", 1), Linking::Another, None).await.unwrap();
    hot.add_totp(totp("ann", 2), Linking::Another, None).await.unwrap();
    hot.remove_totp(&user("ann"), &id("totp-1"), Leaving::None, None).await.unwrap();
    assert!(hot.outline(&user("ann")).is_enrolled());
    hot.reset_second_factor(&user("ann")).await.unwrap();
    assert!(!hot.outline(&user("ann")).is_enrolled());
}

#[tokio::test]
async fn asking_about_names_that_nobody_has_keeps_nothing_of_them() {
    let hot = hot().await;
    hot.add_totp(totp("ann", 1), Linking::Another, None).await.unwrap();
    for number in 0..100 {
        assert!(!hot.outline(&user(&format!("nobody-{number}"))).is_enrolled());
    }
    assert_eq!(hot.0.accounts.len(), 1);
    assert!(hot.outline(&user("ann")).is_enrolled());
}
