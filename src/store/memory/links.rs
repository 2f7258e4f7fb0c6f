//! Sign-in links that somebody asked for.

use async_trait::async_trait;

use super::MemoryStore;
use crate::{
    domain::{link::LinkOffer, token::TokenHash},
    store::{Links, Stored},
};

#[async_trait]
impl Links for MemoryStore {
    async fn offer_link(&self, offer: &LinkOffer) -> Stored<()> {
        self.tables().links.insert(offer.browser, offer.clone());
        Ok(())
    }

    async fn recall_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>> {
        Ok(self.tables().links.values().find(|offer| offer.link.as_ref() == Some(link)).cloned())
    }

    async fn recall_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>> {
        Ok(self.tables().links.get(browser).cloned())
    }

    async fn take_link(&self, link: &TokenHash) -> Stored<Option<LinkOffer>> {
        let mut tables = self.tables();
        let browser =
            tables.links.values().find(|offer| offer.link.as_ref() == Some(link)).map(|o| o.browser);
        Ok(browser.and_then(|browser| tables.links.remove(&browser)))
    }

    async fn take_link_of(&self, browser: &TokenHash) -> Stored<Option<LinkOffer>> {
        Ok(self.tables().links.remove(browser))
    }
}
