//! Integration tests: one binary, one module an area.

mod classifier_figures;
mod cli_score;
mod cli_train;
mod command;
