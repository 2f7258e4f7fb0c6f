//! What is true, and what follows from it.
//!
//! Everything here is a function of its arguments: no I/O, no async, no clock reads, no randomness of its own.
//! Time comes in as a [`time::Timestamp`], chance as an [`token::Entropy`]. The two seals live here:
//! [`policy::Permit`] (only `Policy::decide` makes one) and [`login::Grant`] (only a finished `Login` makes one).
#![warn(missing_docs)]

pub mod approval;
pub mod audit;
pub mod break_glass;
pub mod factor;
pub mod facts;
pub mod help;
pub mod identity;
pub mod invitation;
pub mod kept;
pub mod kept_form;
pub mod link;
pub mod login;
pub mod new_password;
pub mod notice;
pub mod pairing;
pub mod password_hash;
pub mod path;
pub mod pin;
pub mod policy;
pub mod provider;
pub mod role;
pub mod sent_code;
pub mod session;
pub mod standing;
pub mod switches;
pub mod table;
pub mod throttle;
pub mod time;
pub mod token;
pub mod trust;
