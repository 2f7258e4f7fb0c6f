//! An authenticator page linked by an administrator, with and without a server.

use vestibule::{
    config::settings::StoreSettings,
    domain::{
        factor::{PageSigner, TotpKey},
        pairing::{Pairing, PairingNumber, PairingStage},
        time::Clock as _,
        token::Token,
    },
    runtime::{OsEntropy, SystemClock},
    store,
};

use crate::harness::Place;

/// Has a page of the wiki show `number`, as if a browser had asked for it just now.
fn shows(place: &Place, number: &str) {
    let mut point = [7; 65];
    point[0] = 4;
    let number = PairingNumber::read(number).expect("a number").hash();
    let pairing = Pairing {
        poll: Token::draw(&OsEntropy).hash(),
        portal: "wiki".to_owned(),
        agent: "Chrome, Android".to_owned(),
        signer: PageSigner::read(&point).expect("a point"),
        ends_at: Pairing::ends_after(SystemClock::starting_at(None).now()),
        stage: PairingStage::Waiting { number, key: TotpKey::new(vec![1; 20]) },
    };
    let settings =
        StoreSettings::Sqlite { path: place.path("vestibule.db"), key: place.path("vestibule.key") };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let store = store::open(&settings).expect("a store");
        assert!(store.offer_pairing(&pairing).await.expect("a store"));
    });
}

#[test]
fn a_page_is_paired_while_no_server_runs() {
    let place = Place::new();
    shows(&place, "123456789");
    place.write("audit.log", "");
    let ran = place.run(&["user", "pair", "anna", "123", "456", "780"]).ends_with(1);
    assert!(ran.err.contains("no authenticator page shows this number now"), "{ran:?}");
    place.run(&["user", "pair", "carla", "123456789"]).ends_with(1);
    place.run(&["user", "pair", "anna"]).ends_with(2);
    let ran = place.run(&["user", "pair", "anna@example.com", "123", "456", "789"]).ends_with(0);
    assert_eq!(
        ran.out,
        "paired: anna has the authenticator page of wiki in Chrome, Android; 0 sessions and 0 trusts ended\n"
    );
    place.run(&["user", "pair", "bas", "123456789"]).ends_with(1);
    let card = place.run(&["user", "show", "anna"]).ends_with(0).out;
    assert!(card.contains("Authenticator (Chrome, Android)"), "{card}");
    let audit: serde_json::Value = serde_json::from_str(place.read("audit.log").trim()).expect("one line");
    assert_eq!((&audit["kind"], &audit["person"]), (&"factor_added".into(), &"anna".into()));
    assert!(!audit.to_string().contains("123456789"));
}

#[test]
fn a_running_server_pairs_at_once() {
    let place = Place::new();
    shows(&place, "123456789");
    let server = place.serve();
    let change = place.run(&["user", "pair", "bas", "123-456-789", "--json"]).ends_with(0).json();
    assert_eq!(change["sessions"], 0);
    let ran = place.run(&["user", "pair", "anna", "123456789"]).ends_with(1);
    assert!(ran.err.contains("no authenticator page shows this number now"), "{ran:?}");
    server.stop();
    assert!(place.read("audit.log").contains("factor_added"));
}
