//! The contract every store keeps, as one suite run on each of them.
