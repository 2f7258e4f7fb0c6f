//! What is true of this store alone.
