//! Settings turned into moving parts.
//!
//! [`Services`] live as long as the process and survive every reload; a [`Runtime`] is one reading of the file, built whole
//! and swapped in [`Current`]. A request takes one snapshot and keeps it to its end.

mod build;
mod clock;
pub mod control;
mod current;
mod directory;
mod hand_overs;
mod in_hand;
mod refusals;
mod services;

pub use self::{
    build::{BuildFault, Runtime},
    clock::{ManualClock, OsEntropy, SystemClock},
    current::{Current, Reading, ReloadFault, Reloaded, read},
    directory::{Directory, Worked},
    hand_overs::HandOvers,
    in_hand::InHand,
    refusals::Refusals,
    services::{Services, Witness},
};
