//! From arguments to a subcommand, and what every subcommand shares: logs, the state directory, printing.

use super::args::{Cli, Command};
use super::{audit, doctor, exit, runtime, say, serve, slack, templates, tryout, validate};
use crate::{panics, platforms};
use clap::{CommandFactory, Parser};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How the environment is looked up.
pub type Env = fn(&str) -> Option<String>;

/// Runs the binary.
#[must_use]
pub fn run(env: Env) -> ExitCode {
    let cli = Cli::parse();
    logging(&cli, env);
    panics::into_the_log();
    // Two TLS back ends may end up in one binary, and then neither is chosen by itself.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS back end was installed already");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let result = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(command(cli, env)));
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            exit::code(exit::FAILED)
        }
    }
}

async fn command(cli: Cli, env: Env) -> anyhow::Result<ExitCode> {
    let dir = || state_dir(cli.dir.clone());
    match cli.command {
        Command::Try(args) => tryout::run(&dir()?, args).await,
        Command::Serve(args) => serve::run(&dir()?, args, env).await,
        Command::Say(args) => say::say(&dir()?, args).await,
        Command::Click(args) => say::click(&dir()?, args).await,
        Command::Plan(args) => say::say(&dir()?, args.prefixed("plan")).await,
        Command::Status(args) => say::say(&dir()?, args.into_say()).await,
        Command::Runtime(args) => runtime::run(&dir()?, args, env).await,
        Command::Validate(args) => validate::run(&args),
        Command::Schema => {
            print(&format!("{:#}\n", gantry_project::schema(&platforms::known())))?;
            Ok(exit::code(exit::DONE))
        }
        Command::Audit { what } => audit::run(&dir()?, what).await,
        Command::Templates { what } => templates::run(&what),
        Command::Slack { what } => slack::run(&what),
        Command::Doctor(args) => doctor::run(&dir()?, args, env).await,
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "gantry", &mut bytes);
            print(&String::from_utf8_lossy(&bytes))?;
            Ok(exit::code(exit::DONE))
        }
    }
}

/// Where state lives: as asked, or the user's data directory.
fn state_dir(asked: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let found =
        asked.or_else(|| directories::ProjectDirs::from("", "", "gantry").map(|dirs| dirs.data_dir().to_owned()));
    let dir =
        found.ok_or_else(|| anyhow::anyhow!("this user has no home directory; say where state lives with --dir"))?;
    Ok(std::path::absolute(dir)?)
}

/// Logs go to the error output, so that what is printed stays clean. `GANTRY_LOG` chooses, as in `gantry=debug`; even
/// `trace` doesn't let through what [`may_be_told`] keeps back.
fn logging(cli: &Cli, env: Env) {
    let quiet = if cli.verbose { "gantry=debug,gantry_engine=debug,gantry_local=debug,info" } else { "warn" };
    let chosen = env("GANTRY_LOG").unwrap_or_else(|| quiet.to_owned());
    let filter = EnvFilter::new(chosen).and(filter_fn(|about| may_be_told(about.target(), *about.level())));
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}

/// Whether a log may be shown at all. What the crates that talk to AWS and to Slack say in detail has requests and answers
/// in it, and with them credentials: nobody's `GANTRY_LOG` may put those into a file.
fn may_be_told(target: &str, level: Level) -> bool {
    level <= Level::INFO || !(gantry_aws::tells_requests(target) || crate::slack::tells_payloads(target))
}

/// Prints to the standard output. A reader that has gone away is no reason to fail loudly.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// An error with its causes. Many a message names its cause already: that isn't said twice.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match () {
        () if said.is_empty() => cause,
        () if said.contains(&cause) => said,
        () => format!("{said}: {cause}"),
    })
}

#[expect(clippy::print_stderr, reason = "this is the command line's voice")]
fn complain(error: &anyhow::Error) {
    eprintln!("gantry: {}", told(error));
}

#[cfg(test)]
mod tests {
    use super::{may_be_told, told};
    use anyhow::Context;
    use tracing::Level;

    #[test]
    fn what_goes_over_the_wire_is_never_logged_whole() {
        for level in [Level::DEBUG, Level::TRACE] {
            assert!(!may_be_told("aws_smithy_runtime::client::orchestrator", level));
            assert!(may_be_told("gantry_aws::drivers", level));
            assert!(!may_be_told("slack_morphism::socket_mode::callbacks", level));
            assert!(may_be_told("gantry::slack::listen", level));
        }
        assert!(may_be_told("aws_config::profile", Level::INFO), "which credentials were found may be told");
    }

    #[test]
    fn a_cause_is_told_once() {
        let cause: anyhow::Result<()> = Err(anyhow::anyhow!("address in use"));
        let error = cause.context("can't listen: address in use; take another port").context("no page").unwrap_err();
        assert_eq!(told(&error), "no page: can't listen: address in use; take another port");
    }
}
