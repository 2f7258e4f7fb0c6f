//! The whole gateway as claims: real sockets and TLS on loopback, real visitors' requests, a clock turned by hand.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod outage;
mod portal;
mod visitor;
mod world;

mod access;
mod accounts;
mod authenticator;
mod badge;
mod codes;
mod hand_over;
mod headers;
mod help;
mod http2;
mod invitations;
mod link;
mod nginx;
mod notices;
mod paths;
mod people;
mod policy;
mod portals;
mod proxied;
mod resend;
mod sign_in;
mod sign_out;
mod sockets;
mod state;
mod step_up;
mod streaming;
mod throttling;
mod transport;
mod trouble;
mod trust;
mod unlock;
mod upstream;
mod wizard;
