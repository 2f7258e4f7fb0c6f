//! The program as operators and scripts meet it: arguments in, words and an exit code out.

mod acme;
mod asking;
mod demo;
mod gibibyte;
mod harness;
mod kept;
mod logging;
mod lossless;
mod pairing;
mod people;
mod serving;
mod small;
mod store;
