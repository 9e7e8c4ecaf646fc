//! Integration tests: one binary, one module an area.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed test says where, and figures are printed"
)]
#![expect(clippy::cast_precision_loss, reason = "counts of test rows are small")]

mod classifier_figures;
mod cli_score;
mod cli_train;
mod command;
