//! Every page in every state and language, checked for what must hold of all of them.

mod branding;
mod gallery;
mod markup;
mod samples;
mod words;
