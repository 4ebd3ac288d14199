//! `gantry serve`: the bot against a workspace. `try` runs the same against the embedded one.

use super::args::Serve;
use super::install::Installation;
use super::{Env, exit, print};
use crate::clock::SystemClock;
use crate::directory::{Cached, Directory};
use crate::projects::ProjectFiles;
use crate::run::{App, Parts};
use crate::slack::{Listening, SlackClient, Tokens};
use anyhow::Context;
use gantry_engine::apply::Tuning;
use gantry_engine::names::ChannelId;
use gantry_engine::ports::Store;
use gantry_store::SqliteStore;
use secrecy::SecretString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(dir: &Path, args: Serve, env: Env) -> anyhow::Result<ExitCode> {
    let tokens = Tokens {
        bot: token(args.bot_token_file, "GANTRY_BOT_TOKEN", "--bot-token-file", env)?,
        app: token(args.app_token_file, "GANTRY_APP_TOKEN", "--app-token-file", env)?,
    };
    let installation = Installation::open(dir).await?;
    let projects = installation.projects(args.project).await?;
    let bot = Bot::start(&installation, projects, &args.api_url, &tokens, &args.channel).await?;
    print("Gantry listens. Ctrl-C stops it; what runs goes on running.\n")?;
    until_told().await?;
    bot.stop().await;
    installation.store.close().await;
    Ok(exit::code(exit::DONE))
}

/// A token from a file, or from a variable. Never from an argument: those are for everybody on the machine to read.
pub(super) fn token(file: Option<PathBuf>, variable: &str, flag: &str, env: Env) -> anyhow::Result<SecretString> {
    let text = match file {
        Some(file) => std::fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?,
        None => env(variable).with_context(|| format!("no token: set {variable}, or name a file with {flag}"))?,
    };
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "the token in {variable} or {flag} is empty");
    Ok(text.to_owned().into())
}

/// The bot, connected.
pub(super) struct Bot {
    app: App,
    listening: Listening,
}

impl Bot {
    pub(super) async fn start(
        installation: &Installation,
        projects: Arc<ProjectFiles>,
        api_url: &str,
        tokens: &Tokens,
        channel: &str,
    ) -> anyhow::Result<Self> {
        let (client, identity) = SlackClient::connect(api_url, tokens).await?;
        let clock = Arc::new(SystemClock);
        let directory = Arc::new(Cached::new(client.clone(), clock.clone()));
        let fallback = fallback(directory.as_ref(), channel).await?;
        let store: Arc<dyn Store> = Arc::<SqliteStore>::clone(&installation.store);
        let parts = Parts {
            store,
            platforms: installation.platforms.clone(),
            projects,
            clock,
            chat: Arc::new(client.clone()),
            directory,
            installation: installation.id.clone(),
            holder: installation.holder(),
            me: identity.me.clone(),
            fallback,
            tuning: Tuning::default(),
        };
        let app = App::start(parts).await?;
        let listening = client.listen(app.inbox(), identity.me).await.map_err(anyhow::Error::msg)?;
        Ok(Self { app, listening })
    }

    /// Takes nothing new, ends what can end, and leaves the rest to the next start.
    pub(super) async fn stop(self) {
        self.listening.stop().await;
        self.app.stop().await;
    }
}

async fn fallback(directory: &dyn Directory, name: &str) -> anyhow::Result<ChannelId> {
    let channels = directory.channels().await?;
    let remedy = "invite the bot to it, or name another with --channel";
    channels
        .get(name.trim_start_matches('#'))
        .cloned()
        .with_context(|| format!("there is no channel #{name}; {remedy}"))
}

/// Returns when the process is told to end.
pub(super) async fn until_told() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
