//! The command line, as a person or a script runs it.

mod align;
mod classify;
mod cluster;
mod compare;
mod detect;
mod doctor;
mod export;
mod model;
mod options;
mod train;
mod validate;
