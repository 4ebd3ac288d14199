//! The example's program on its own; `gantry example <role>` is the same.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the edge: the environment is read here and passed on")]
fn main() -> ExitCode {
    mini_soa::run(std::env::args().skip(1), |name| std::env::var(name).ok())
}
