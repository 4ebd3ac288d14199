//! `gantry try`: everything on one machine. The bot connects to the embedded workspace exactly as it would to Slack.

use super::args::Try;
use super::install::Installation;
use super::{exit, print, serve, templates};
use crate::clock::SystemClock;
use anyhow::Context;
use gantry_engine::ports::Clock;
use gantry_engine::ports::Keeping;
use gantry_workspace::{Running, Seed, Workspace, WorkspaceConfig, WorkspaceError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The example, for whoever has the binary only.
const EXAMPLE: &str = include_str!("../../../examples/mini-soa/gantry.toml");

/// What to type first where the example runs, and where other projects do.
const EXAMPLES: [&str; 3] =
    ["deploy web to dev", "scale api 5", "deploy web:broken to dev because I want to see it revert"];
const ANYWHERE: [&str; 3] = ["status", "whoami", "help deploy"];

/// Where the workspace keeps its state, below the state directory.
pub(super) const WORKSPACE: &str = "workspace";

pub(super) async fn run(dir: &Path, args: Try) -> anyhow::Result<ExitCode> {
    templates::use_own(args.templates.as_ref())?;
    let installation = Installation::open(dir).await?;
    let things = if args.project.is_empty() { EXAMPLES } else { ANYWHERE };
    let files = if args.project.is_empty() { vec![example(dir)?] } else { args.project };
    let shown = files.clone();
    let projects = installation.projects(files).await?;
    let workspace = workspace(dir, args.port).await?;
    let secrets = workspace.secrets();
    let connection = serve::Connection {
        api_url: workspace.api_url(),
        bot_token: secrets.bot_token.clone().into(),
        way: serve::Way::Sockets { app_token: secrets.app_token.clone().into() },
        keeping: Keeping::default(),
    };
    let bot = serve::Bot::start(&installation, projects, connection, "general").await?;
    print(&welcome(dir, &workspace, &installation, &shown).await?)?;
    print(&format!("    {}\n\n  Ctrl-C stops the bot. `help` says what else there is.\n\n", things.join("\n    ")))?;
    serve::until_told().await?;
    print("\nStopping: what runs goes on running, and the next start goes on where this one was.\n")?;
    bot.stop().await;
    workspace.shutdown().await;
    installation.store.close().await;
    Ok(exit::code(exit::DONE))
}

/// The example's file in the state directory: written once, then its reader's to change.
fn example(dir: &Path) -> anyhow::Result<PathBuf> {
    let file = dir.join("mini-soa.toml");
    if !file.exists() {
        std::fs::write(&file, EXAMPLE).with_context(|| format!("{} can't be written", file.display()))?;
    }
    Ok(file)
}

async fn workspace(dir: &Path, port: u16) -> anyhow::Result<Running> {
    let config = WorkspaceConfig {
        dir: Some(dir.join(WORKSPACE)),
        bind: SocketAddr::from(([127, 0, 0, 1], port)),
        seed: Seed::default(),
        limits: true,
        ..WorkspaceConfig::new(Arc::new(|| SystemClock.now()))
    };
    match Workspace::start(config).await {
        Ok(running) => Ok(running),
        Err(error @ WorkspaceError::Bind { .. }) => Err(error).context("the chat page can't be served"),
        Err(error) => Err(error.into()),
    }
}

async fn welcome(
    dir: &Path,
    workspace: &Running,
    installation: &Installation,
    files: &[PathBuf],
) -> anyhow::Result<String> {
    let status = installation.runtime.status().await?;
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let page = workspace.page_url();
    Ok(format!(
        "\n  Gantry is up.\n\n  \
         Chat     {page}\n  \
         Sites    behind http://{edge} once deployed (DNS server: {dns})\n  \
         Project  {files}\n  \
         State    {dir}\n\n  \
         Three things to type there, behind /gantry (or here, in another terminal, with `gantry say \"..\"`):\n\n",
        edge = status.edge,
        dns = status.dns,
        files = files.join(", "),
        dir = dir.display(),
    ))
}
