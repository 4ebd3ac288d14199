//! The binary `gantry`: reads the command line and the environment, and hands both on.

use gantry::cli;
use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the edge: the environment is read here and passed on")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() -> ExitCode {
    // The shim is started once for every task, so it stays out of everything below: one thread, no runtime.
    let mut args = std::env::args_os().skip(1);
    match args.next().as_deref().and_then(|first| first.to_str()) {
        Some("shim") => return gantry_local::runtime::shim::run(args),
        Some("example") => return mini_soa::run(args.filter_map(|arg| arg.into_string().ok()), env),
        _ => {}
    }
    cli::run(env)
}
