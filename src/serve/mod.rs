//! Sockets: who listens, who shakes hands, and what every request passes before the gateway sees it.
//!
//! [`Server::bind`] takes the ports, [`Server::run`] answers on them until a [`Shutdown`]. Nothing here judges a request: it
//! is framed, limited and handed to `gateway`.

mod acme;
mod connection;
pub mod control;
mod crowd;
mod framing;
mod guard;
mod housekeeping;
mod inherited;
mod internal;
mod limits;
mod listen;
mod proxied;
mod redirect;
mod rim;
mod shared;
mod shutdown;
mod streams;
pub mod systemd;
#[cfg(test)]
mod tests;
mod threads;
pub mod tls;
mod worker;

pub use self::{
    inherited::Inherited,
    listen::{BindFault, RunFault, Server},
    shutdown::Shutdown,
    tls::{Tls, TlsFault},
};
