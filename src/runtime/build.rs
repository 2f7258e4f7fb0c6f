//! One reading of the file as moving parts. Stores and clocks are no part of it: they outlive a reload.

use std::collections::HashMap;

use http::HeaderName;

use super::directory::Worked;
use crate::{
    config::settings::{PortalSettings, Settings},
    domain::policy::PortalIndex,
    factor::provider::{ProviderSetupFault, Providers},
    notify::{Post, PostSetupFault},
    page::{
        assets::{self, Asset},
        i18n::{Catalogue, Language, Words},
        look::Look,
    },
    proxy::{UpstreamSetupFault, Upstreams},
};

/// Why settings cannot be put to work.
#[derive(Debug, thiserror::Error)]
pub enum BuildFault {
    /// An upstream cannot be set up.
    #[error(transparent)]
    Upstream(#[from] UpstreamSetupFault),
    /// Mail or text messages cannot be set up.
    #[error(transparent)]
    Post(#[from] PostSetupFault),
    /// A provider cannot be set up.
    #[error(transparent)]
    Provider(#[from] ProviderSetupFault),
}

/// One reading of the file, ready for requests.
#[derive(Debug)]
pub struct Runtime {
    /// Everything the file said.
    pub settings: Settings,
    /// The way to each portal's upstream, for those who hold a permit.
    pub upstreams: Upstreams,
    /// The way for mail and text messages.
    pub post: Post,
    /// Where people may have accounts already.
    pub providers: Providers,
    /// The language for visitors who ask for none of ours.
    pub language: Language,
    catalogue: Catalogue,
    /// How each portal looks, and how pages look that belong to none.
    looks: Vec<Look>,
    own_look: Look,
    /// The files of all looks, by the names that follow `assets/`.
    assets: HashMap<String, Asset>,
    pub(super) worked: Worked,
}

impl Runtime {
    /// Builds everything, or nothing.
    ///
    /// # Errors
    /// A [`BuildFault`]; nothing was changed.
    pub fn build(settings: Settings) -> Result<Self, BuildFault> {
        let identity = identity_names(&settings);
        let upstreams = Upstreams::build(&settings.portals, &identity)?;
        let post = Post::build(settings.mail.as_ref(), settings.sms.as_ref())?;
        let providers = Providers::build(&settings.providers)?;
        let language = Language::parse(&settings.pages.language).unwrap_or(Language::En);
        let mut assets = HashMap::new();
        let mut look = |brand| {
            let (look, files) = Look::of(brand);
            assets.extend(files);
            look
        };
        let own_look = look(&settings.pages.brand);
        let looks = settings.portals.iter().map(|portal| look(&portal.brand)).collect();
        let catalogue = Catalogue::load();
        let worked = Worked::default();
        Ok(Self {
            settings,
            upstreams,
            post,
            providers,
            language,
            catalogue,
            looks,
            own_look,
            assets,
            worked,
        })
    }

    /// What the file says of a portal that its own policy placed.
    pub fn portal(&self, index: PortalIndex) -> &PortalSettings {
        &self.settings.portals[index.0]
    }

    /// How the pages of a portal look, or those that belong to none.
    pub fn look(&self, portal: Option<PortalIndex>) -> &Look {
        portal.and_then(|portal| self.looks.get(portal.0)).unwrap_or(&self.own_look)
    }

    /// The file behind a name that follows `assets/`.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        assets::find(name).or_else(|| self.assets.get(name))
    }

    /// The words of a language.
    pub fn words(&self, language: Language) -> Words {
        self.catalogue.words(language)
    }
}

/// Every identity header of every portal, and the default names: what one portal trusts no visitor may send to another.
fn identity_names(settings: &Settings) -> Vec<HeaderName> {
    let defaults =
        ["remote-user", "remote-name", "remote-email", "remote-groups"].map(HeaderName::from_static);
    let configured = settings.portals.iter().flat_map(|portal| {
        let names = &portal.identity;
        [&names.user, &names.name, &names.email, &names.groups].into_iter().flatten().cloned()
    });
    let mut all: Vec<_> = defaults.into_iter().chain(configured).collect();
    all.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    all.dedup();
    all
}
