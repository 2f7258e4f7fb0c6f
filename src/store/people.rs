//! Ports for people who live in the store, for what they ask of administrators, and for the letters that let them in.

use async_trait::async_trait;

use super::Stored;
use crate::domain::{
    break_glass::BreakGlass,
    help::{HelpAnswer, HelpRequest},
    identity::UserId,
    invitation::Invitation,
    kept::KeptPerson,
    switches::Switches,
    time::Timestamp,
    token::{RecordId, TokenHash},
};

/// Whose name or address somebody else has already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// The name.
    Name(String),
    /// The mail address.
    Email(String),
}

/// What ends with a change of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ends {
    /// Nothing.
    Nothing,
    /// Sessions, trusts, sign-ins under way, and links to set a password; but for the session that `keep` names, which goes
    /// on under the new password.
    Everything,
}

/// Which people are asked for. Everything that is named must hold.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct PeopleQuery {
    /// Part of a name, of what people call them, or of an address, in any spelling.
    pub text: String,
    /// In one of these groups; `None`: in any, or in none.
    pub groups: Option<Vec<String>>,
    /// Only after this one, in the order of their ids.
    pub after: Option<UserId>,
    /// At most so many.
    pub limit: usize,
}

/// One page of people, in the order of their ids.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct PeoplePage {
    /// The people of the page.
    pub people: Vec<KeptPerson>,
    /// How many there are in all, whatever `after` and `limit` say.
    pub total: usize,
}

/// People who were made here, and what administrators switched.
#[async_trait]
pub trait Residents: Send + Sync {
    /// Everybody.
    async fn residents(&self) -> Stored<Vec<KeptPerson>>;
    /// A page of those who fit a query.
    async fn search_residents(&self, query: &PeopleQuery) -> Stored<PeoplePage>;
    /// Makes people: all of them, or none if somebody has a name or address already.
    async fn add_residents(&self, people: &[KeptPerson]) -> Stored<Result<(), Taken>>;
    /// Makes people and writes others anew, each with what ends by it: all of them, or none if a name or address is somebody
    /// else's. Those to be written anew must be there. Tells the hashes of the sessions closed.
    async fn import_residents(
        &self,
        new: &[KeptPerson],
        changed: &[(KeptPerson, Ends)],
    ) -> Stored<Result<Vec<TokenHash>, Taken>>;
    /// Writes a person anew, with what ends by it; tells the hashes of the sessions closed. `None`: there is none such.
    async fn change_resident(
        &self,
        person: &KeptPerson,
        ends: Ends,
        keep: Option<&TokenHash>,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>>;
    /// Gives the person `from` another name, that of `person`, in one step. Factors, contacts, accounts elsewhere, own choices,
    /// requests for help and "not me" links go with them; whatever lay under the new name is gone first; sessions, trusts, PINs,
    /// recovery codes (hashes over the name), sign-ins under way and open links end. Nothing stays under the old name. Tells the
    /// hashes of the sessions closed; `None`: there is nobody `from`.
    async fn rename_resident(
        &self,
        from: &UserId,
        person: &KeptPerson,
    ) -> Stored<Result<Option<Vec<TokenHash>>, Taken>>;
    /// Removes a person and everything kept about them but the journal; tells the hashes of the sessions closed. `None`:
    /// there was none.
    async fn remove_resident(&self, person: &UserId) -> Stored<Option<Vec<TokenHash>>>;
    /// What is switched.
    async fn switches(&self) -> Stored<Switches>;
    /// Writes what is switched anew.
    async fn set_switches(&self, switches: &Switches) -> Stored<()>;
}

/// What visitors ask of administrators.
#[async_trait]
pub trait HelpRequests: Send + Sync {
    /// Files a request. If the person has one open at `now` for the same at that portal, that one is told instead.
    async fn file_help(&self, request: &HelpRequest, now: Timestamp) -> Stored<HelpRequest>;
    /// Requests, newest first, at most `limit`: those open at `now`, or all that are kept.
    async fn help_requests(&self, open_at: Option<Timestamp>, limit: usize) -> Stored<Vec<HelpRequest>>;
    /// The request with this id.
    async fn recall_help(&self, id: &RecordId) -> Stored<Option<HelpRequest>>;
    /// Answers a request that is open at `now`, once. `false`: it is answered, over or unknown.
    async fn answer_help(&self, id: &RecordId, answer: &HelpAnswer, now: Timestamp) -> Stored<bool>;
}

/// Codes for who lost every second factor. The one that waits is read as part of [`Accounts::account`](super::Accounts::account);
/// it ends with everything else of its person.
#[async_trait]
pub trait BreakGlasses: Send + Sync {
    /// Writes a code; an earlier one of the same person is void.
    async fn offer_break_glass(&self, glass: &BreakGlass) -> Stored<()>;
    /// Takes out the code of a person that has this hash, so that exactly one of several who type it has it.
    async fn take_break_glass(&self, person: &UserId, hash: &TokenHash) -> Stored<Option<BreakGlass>>;
}

/// Links to set a password with.
#[async_trait]
pub trait Invitations: Send + Sync {
    /// Writes a link; earlier ones of the same person are void.
    async fn offer_invitation(&self, invitation: &Invitation) -> Stored<()>;
    /// The link that carries what has this hash.
    async fn recall_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>>;
    /// Takes a link out, so that exactly one of several forms counts.
    async fn take_invitation(&self, link: &TokenHash) -> Stored<Option<Invitation>>;
    /// The link that a person has, if one waits.
    async fn invitation_of(&self, person: &UserId) -> Stored<Option<Invitation>>;
}
