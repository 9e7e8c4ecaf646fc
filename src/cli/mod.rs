//! The command line: one file a command. Exit status 0 done, 1 failed, 2 wrong usage.

pub mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Self-hosted comment moderation: a spam filter that learns from you, and a desk for moderators.
#[derive(Debug, Parser)]
#[command(name = "moderato", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
}

/// Wrong usage that clap cannot see: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Runs the command the process was started with.
pub fn main() -> ExitCode {
    let result: anyhow::Result<()> = match Cli::parse().command {};
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("error: {error:#}"));
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
