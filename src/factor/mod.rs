//! How a visitor proves something: password, code from an app, passkey, recovery code.
//!
//! A factor checks and says what came out; whether somebody is in is for `domain::login` alone. Nothing here counts tries or
//! uses up a code: that is the store's, told by `web`.

pub mod approval;
mod old_hash;
pub mod passkey;
pub mod password;
pub mod provider;
pub mod recovery;
pub mod totp;
