//! Signing in with a hash that another program made.

use super::{House, PASSWORD};
use crate::{
    domain::{
        identity::{PasswordHash, Requirement, UserId},
        password_hash::{self, HashKind},
    },
    store::hot::Change,
};

/// Of [`PASSWORD`], made by libxcrypt.
const BCRYPT: &str = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
const YESCRYPT: &str = "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$rfA07bT0O97FNWV5Cb8oFDnoGBJLXwSI4w/PIpLfyy2";
/// Of a password whose first 72 bytes are all that bcrypt takes.
const LONG: &str = "$2b$05$abcdefghijklmnopqrstuuER68kyHfex/ClWeHyR6J7xq0ENCjJai";

async fn open_with(hash: &str) -> House {
    let house = House::open_with_jan(Requirement::Off).await;
    give(&house, hash).await;
    house
}

async fn give(house: &House, hash: &str) {
    let hash = PasswordHash::new(hash.to_owned());
    let given = house.services.store.change_resident(&jan(), None, |kept| kept.password = Some(hash)).await;
    assert!(matches!(given.unwrap(), Change::Done { .. }));
}

fn jan() -> UserId {
    UserId::new("jan")
}

fn kept(house: &House) -> PasswordHash {
    house.services.store.resident(&jan()).unwrap().password.clone().unwrap()
}

fn kind(house: &House) -> HashKind {
    password_hash::read(kept(house).as_str()).unwrap().kind
}

#[tokio::test]
async fn the_next_sign_in_replaces_an_old_hash_and_ends_nothing() {
    for old in [BCRYPT, YESCRYPT] {
        let house = open_with(old).await;
        assert_eq!(house.visitor().sign_in("jan", "wrong horse", "/").await.status, 422);
        assert_eq!(kept(&house).as_str(), old, "a wrong password replaces nothing");
        let (mut here, mut there) = (house.visitor(), house.visitor());
        assert_eq!(here.sign_in("jan", PASSWORD, "/").await.location, "/");
        assert_eq!(kind(&house), HashKind::Argon2id);
        let made = kept(&house);
        assert_eq!(there.sign_in("jan", PASSWORD, "/").await.location, "/");
        assert_eq!(kept(&house), made, "once");
        assert!(here.is_signed_in() && there.is_signed_in());
        assert_eq!(house.visitor().sign_in("jan", "wrong horse", "/").await.status, 422);
    }
}

#[tokio::test]
async fn a_password_is_changed_in_the_session_that_began_with_an_old_hash() {
    let house = open_with(BCRYPT).await;
    let (mut here, mut there) = (house.visitor(), house.visitor());
    here.sign_in("jan", PASSWORD, "/").await;
    there.sign_in("jan", PASSWORD, "/").await;
    // Not replaced yet when the present password is shown for the new one.
    let old = PasswordHash::new(BCRYPT.to_owned());
    assert!(house.services.store.rehash_resident(&jan(), kept(&house), old).await.unwrap());
    here.get("password").await;
    let fields = [("old_password", PASSWORD), ("new_password", "vier nasse Pferde")];
    assert_eq!(here.post("password", &fields).await.location, "/.vestibule/account?done=password-changed");
    assert!(here.is_signed_in() && !there.is_signed_in());
    assert_eq!(house.visitor().sign_in("jan", PASSWORD, "/").await.status, 422);
    assert_eq!(house.visitor().sign_in("jan", "vier nasse Pferde", "/").await.location, "/");
}

#[tokio::test]
async fn what_bcrypt_never_proved_is_not_made_the_password() {
    let house = open_with(LONG).await;
    let long = format!("{PASSWORD} {}", "x".repeat(80));
    // Somebody who knows the first 72 bytes was always in; the rest must not become theirs.
    let mut typo = long.clone();
    typo.push('y');
    assert_eq!(house.visitor().sign_in("jan", &typo, "/").await.location, "/");
    assert_eq!(kind(&house), HashKind::Bcrypt);
    assert_eq!(house.visitor().sign_in("jan", &long, "/").await.location, "/");
}
