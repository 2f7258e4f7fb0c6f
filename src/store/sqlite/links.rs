//! Sign-in links that somebody asked for.

use async_trait::async_trait;
use rusqlite::params;

use super::{SqliteStore, rows};
use crate::{
    domain::{link::LinkOffer, token::TokenHash},
    store::{Links, Stored},
};

/// Which offer is meant.
#[derive(Clone, Copy)]
enum Named {
    ByLink,
    ByBrowser,
}

impl Named {
    const fn column(self) -> &'static str {
        match self {
            Self::ByLink => "link",
            Self::ByBrowser => "browser",
        }
    }
}

impl SqliteStore {
    async fn find_link(&self, named: Named, hash: &TokenHash) -> Stored<Option<LinkOffer>> {
        let hash = *hash;
        self.read(move |conn| {
            let mut find = conn.prepare_cached(&format!(
                "SELECT {} FROM links WHERE {} = ?1",
                rows::LINK,
                named.column()
            ))?;
            find.query_and_then([hash.as_bytes()], rows::link)?.next().transpose()
        })
        .await
    }

    async fn remove_link(&self, named: Named, hash: &TokenHash) -> Stored<Option<LinkOffer>> {
        let hash = *hash;
        self.write(move |conn| {
            let mut take = conn.prepare_cached(&format!(
                "DELETE FROM links WHERE {} = ?1 RETURNING {}",
                named.column(),
                rows::LINK
            ))?;
            take.query_and_then([hash.as_bytes()], rows::link)?.next().transpose()
        })
        .await
    }
}

#[async_trait]
impl Links for SqliteStore {
    async fn offer_link(&self, offer: &LinkOffer) -> Stored<()> {
        let offer = offer.clone();
        self.write(move |conn| {
            conn.prepare_cached(&format!(
                "INSERT OR REPLACE INTO links ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                rows::LINK
            ))?
            .execute(params![
                offer.browser.as_bytes(),
                offer.link.as_ref().map(TokenHash::as_bytes),
                offer.code.as_bytes(),
                offer.person.as_str(),
                offer.email,
                offer.typed,
                offer.portal,
                offer.return_to.as_str(),
                offer.credential.as_bytes(),
                offer.asked_at.unix(),
                offer.ends_at.unix(),
                offer.wrong_codes,
                offer.address.to_string(),
                offer.agent,
            ])?;
            Ok(())
        })
        .await
    }

    async fn recall_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>> {
        self.find_link(Named::ByLink, link).await
    }

    async fn recall_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>> {
        self.find_link(Named::ByBrowser, browser).await
    }

    async fn take_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>> {
        self.remove_link(Named::ByLink, link).await
    }

    async fn take_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>> {
        self.remove_link(Named::ByBrowser, browser).await
    }
}
