//! The command line: one file a command. Exit status 0 done, 1 failed, 2 wrong usage.

mod config;
mod doctor;
mod evaluate;
mod files;
mod key;
mod labelled;
mod migrate;
mod models;
pub mod output;
mod runtime;
mod score;
mod serve;
mod site;
mod train;
mod user;

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
    Serve(serve::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Score(score::Args),
    Models(models::Args),
    Site(site::Args),
    Key(key::Args),
    User(user::Args),
    Migrate(migrate::Args),
    Config(config::Args),
    Doctor(doctor::Args),
}

/// Wrong usage that clap cannot see: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Runs the command the process was started with.
pub fn main() -> ExitCode {
    let result: anyhow::Result<()> = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Site(args) => site::run(&args),
        Command::Key(args) => key::run(&args),
        Command::User(args) => user::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Doctor(args) => doctor::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("error: {error:#}"));
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
