//! What the house says about itself: log lines, metrics, and the audit log, each a stream of its own.

pub mod audit;
pub mod log;
pub mod metrics;
mod tame;
