//! What the binary `gantry` does for the runtime, and nothing else: the daemon, its shim, and the example's program. The
//! tests run it as a process of its own.

use gantry_local::runtime::{self, RuntimeConfig};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "the edge: the environment is read here and passed on")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next().as_deref().and_then(|role| role.to_str()) {
        Some("shim") => runtime::shim::run(args),
        Some("example") => mini_soa::run(args.filter_map(|arg| arg.into_string().ok()), env),
        Some("runtime") => daemon(args.last().map(PathBuf::from).unwrap_or_default()),
        _ => ExitCode::from(2),
    }
}

/// `runtime --detached --dir <dir>`; a file `fault` in the directory arms a fault.
fn daemon(dir: PathBuf) -> ExitCode {
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    let result = std::env::current_exe().map_err(text).and_then(|exe| {
        let fault = Some(dir.join("fault"));
        let config = RuntimeConfig {
            detach: true,
            node_down: Duration::from_millis(500),
            fault,
            ..RuntimeConfig::new(dir, exe, env)
        };
        let runtime = tokio::runtime::Runtime::new().map_err(text)?;
        runtime.block_on(runtime::run(config)).map_err(text)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the runtime ended");
            ExitCode::FAILURE
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
