//! Approvals that sign-ins ask of authenticator pages.

use async_trait::async_trait;
use rusqlite::params;

use super::{SqliteStore, rows};
use crate::{
    domain::{
        approval::{Approval, Decision, Page},
        identity::UserId,
        time::Timestamp,
        token::{RecordId, TokenHash},
    },
    store::{Approvals, Stored},
};

#[async_trait]
impl Approvals for SqliteStore {
    async fn find_page(&self, app: &RecordId) -> Stored<Option<Page>> {
        let app = app.clone();
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {} FROM totp WHERE id = ?1 AND page_portal IS NOT NULL",
                rows::PAGE
            ))?;
            find.query_and_then([app.as_str()], rows::page)?.next().transpose()
        })
        .await
    }

    async fn ask_approval(&self, approval: &Approval) -> Stored<()> {
        let approval = approval.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO approvals ({}, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                rows::APPROVAL
            ))?
            .execute(params![
                approval.person.as_str(),
                approval.id.as_str(),
                approval.login.as_bytes(),
                approval.portal,
                approval.number.as_u8(),
                approval.asked_at.unix(),
                approval.address.to_string(),
                approval.agent,
                approval.decision.map(Decision::name),
                approval.ends_at().unix(),
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_approval(&self, person: &UserId) -> Stored<Option<Approval>> {
        let person = person.clone();
        self.read(move |conn| {
            let mut find =
                conn.prepare_cached(&format!("SELECT {} FROM approvals WHERE person = ?1", rows::APPROVAL))?;
            find.query_and_then([person.as_str()], rows::approval)?.next().transpose()
        })
        .await
    }

    async fn decide_approval(&self, id: &RecordId, decision: Decision, now: Timestamp) -> Stored<bool> {
        let id = id.clone();
        self.write(move |conn| {
            let decided = conn
                .prepare_cached(
                    "UPDATE approvals SET decision = ?2 WHERE id = ?1 AND decision IS NULL AND ends_at > ?3",
                )?
                .execute(params![id.as_str(), decision.name(), now.unix()])?;
            Ok(decided == 1)
        })
        .await
    }

    async fn take_decided(&self, login: &TokenHash) -> Stored<Option<Approval>> {
        let login = *login;
        self.write(move |conn| {
            let mut take = conn.prepare_cached(&format!(
                "DELETE FROM approvals WHERE login = ?1 AND decision IS NOT NULL RETURNING {}",
                rows::APPROVAL
            ))?;
            take.query_and_then([login.as_bytes()], rows::approval)?.next().transpose()
        })
        .await
    }
}
