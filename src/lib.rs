//! Vestibule: a reverse-proxy authentication gateway. The floor plan, in reading order; a room uses only rooms above it here.

pub mod domain;
pub mod page;
