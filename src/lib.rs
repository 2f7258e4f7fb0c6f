//! Vestibule: a reverse-proxy authentication gateway.
//!
//! The floor plan, in reading order. A room uses only rooms on floors above its own line here (`tests/layers.rs` holds it).

// Floor 0: what is true, and what follows from it.
pub mod domain;
// Floor 1: the one file, and requests to other servers.
pub mod config;
pub mod wire;
// Floor 2: state, mail and text messages, pages, logs.
pub mod notify;
pub mod page;
pub mod store;
pub mod telemetry;
// Floor 3: how a visitor proves something, how a permitted request travels.
pub mod factor;
pub mod proxy;
// Floor 4: settings turned into moving parts.
pub mod runtime;
// Floor 5: our own pages' handlers.
pub mod web;
// Floor 6: the straight path.
pub mod gateway;
// Floor 7: sockets.
pub mod serve;
// Floor 8: commands.
pub mod cli;
