//! How a visitor proves something: password, code from an app, recovery code.
//!
//! A factor checks and says what came out; whether somebody is in is for `domain::login` alone.

pub mod password;
