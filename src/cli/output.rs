//! Results go to standard output; logs, progress and errors to standard error.

use std::io::{self, Write};

use serde::Serialize;

/// Writes one line of result. A reader that went away (`| head`) ends the program quietly with status 0.
pub fn line(text: impl std::fmt::Display) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    closed_pipe_is_fine(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Writes one pretty-printed JSON value and a newline.
pub fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// Writes one line for people to standard error.
pub fn note(text: impl std::fmt::Display) {
    // Nothing can be done, and nothing is lost, when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Turns "the reader went away" into a quiet end, and keeps every other error.
pub fn closed_pipe_is_fine(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}
