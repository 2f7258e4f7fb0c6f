//! The program as operators and scripts meet it: arguments in, words and an exit code out.

mod asking;
mod demo;
mod gibibyte;
mod harness;
mod logging;
mod pairing;
mod people;
mod serving;
mod small;
mod store;
