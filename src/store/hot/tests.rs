//! What requests see.
