//! The tests through the outside: one binary, one file an area, mirroring the routes and the commands.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may end where it finds what should not be, and figures are printed"
)]
#![expect(clippy::cast_precision_loss, reason = "counts of test rows are small")]

mod akismet;
mod api;
mod app;
mod classifier_allocations;
mod classifier_figures;
mod cli_evaluate;
mod cli_models;
mod cli_score;
mod cli_train;
mod command;
mod coral;
mod desk;
mod drift;
mod embedded;
mod evasion;
mod gate_figures;
mod operation;
mod promise;
mod reader;
mod receiver;
mod serving;
mod settings;
mod smtp;
