//! Command line in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    moderato::cli::main()
}
