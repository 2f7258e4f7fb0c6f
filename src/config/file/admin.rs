//! `[admin]` as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, SpanText};

/// The administrators' pages, and who may do what there. Roles are given here alone.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "admin")]
pub(in crate::config) struct AdminTable {
    /// At which portals the pages are, by name. Name one whose scripts you trust: they could press its buttons.
    #[schemars(required, length(min = 1))]
    pub portals: Option<At<Vec<At<String>>>>,
    /// Who may do everything: "user:NAME" or "group:NAME".
    #[serde(default)]
    pub security: Vec<At<String>>,
    /// Who helps people that are locked out.
    #[serde(default)]
    pub help_desk: Vec<At<String>>,
    /// Who looks and changes nothing.
    #[serde(default)]
    pub auditor: Vec<At<String>>,
    /// Administrators of some groups.
    #[serde(default)]
    pub tenant: Vec<At<TenantTable>>,
    /// How long ago the second factor was given at most; trust does not do. Default: "15m".
    pub max_age: Option<At<SpanText>>,
}

/// Administrators of some groups.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "tenant")]
pub(in crate::config) struct TenantTable {
    /// Who: "user:NAME" or "group:NAME".
    #[schemars(required, length(min = 1))]
    pub subjects: Option<At<Vec<At<String>>>>,
    /// The groups they look after.
    #[schemars(required, length(min = 1))]
    pub groups: Option<At<Vec<At<String>>>>,
}
