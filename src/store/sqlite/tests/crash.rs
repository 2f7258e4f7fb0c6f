//! What was acknowledged is there after `kill -9`: a child writes, is killed in the middle, and the store is read again.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use super::Home;
use crate::store::{Accounts as _, Linking, Sessions as _, Trusts as _, samples::*, sqlite::SqliteStore};

/// A file that tells the child it is one.
const MARKER: &str = "write-until-killed";

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    for round in 0..4 {
        let home = Home::new();
        std::fs::write(home.folder.path().join(MARKER), "").unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::sqlite::tests::crash::child", "--nocapture"])
            .current_dir(home.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut acknowledged = Vec::new();
        for line in lines {
            let Some(number) = line.strip_prefix("acknowledged ") else { continue };
            acknowledged.push(number.parse::<u64>().unwrap());
            if acknowledged.len() == 30 + 23 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged.len() >= 30 + 23 * round);

        let store = home.opened();
        for number in acknowledged {
            let name = format!("person{number}");
            assert_eq!(recalled(&store, &hash(number)).await, Some(session(&name, number)));
            assert_eq!(store.recall_device(&hash(number)).await.unwrap(), Some(device(&name, number)));
            let factor = &store.account(&user(&name)).await.unwrap().totp[0];
            assert_eq!(factor.last_step, 77, "a used step stays used");
        }
    }
}

/// Not a claim: the other half of the one above, and nothing when run by itself.
#[test]
fn child() {
    if !Path::new(MARKER).exists() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open("state.db".as_ref(), "state.key".as_ref()).unwrap());
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in (writer..).step_by(8) {
                        let name = format!("person{number}");
                        store.add_totp(&totp(&name, number), Linking::Another, None).await.unwrap();
                        store.open_session(&session(&name, number), None).await.unwrap();
                        store.trust_device(&device(&name, number)).await.unwrap();
                        assert!(store.consume_step(&id(&format!("totp-{number}")), 77, START).await.unwrap());
                        println!("acknowledged {number}");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}
