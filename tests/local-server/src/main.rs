//! `superserve-local`: see the library's documentation.

use std::process::ExitCode;

fn main() -> ExitCode {
    superserve_local::main()
}
