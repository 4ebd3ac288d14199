//! `gantry serve`: the bot against a workspace. `try` runs the same against the embedded one.

use super::args::Serve;
use super::install::Installation;
use super::{Env, exit, print, templates};
use crate::clock::SystemClock;
use crate::directory::{Cached, Directory};
use crate::intake::Inbox;
use crate::metrics::{self, Page};
use crate::projects::ProjectFiles;
use crate::run::{App, Parts};
use crate::slack::{Door, HttpIntake, Listening, SigningSecret, SlackClient};
use anyhow::Context;
use gantry_engine::apply::Tuning;
use gantry_engine::names::{ChannelId, UserId};
use gantry_engine::ports::{Keeping, Store};
use gantry_store::SqliteStore;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(dir: &Path, args: Serve, env: Env) -> anyhow::Result<ExitCode> {
    templates::use_own(args.templates.as_ref())?;
    let connection = Connection {
        bot_token: secret(args.bot_token_file, "GANTRY_BOT_TOKEN", "--bot-token-file", env)?,
        way: match args.http {
            Some(address) => Way::Http {
                address,
                secret: secret(args.signing_secret_file, "GANTRY_SIGNING_SECRET", "--signing-secret-file", env)?,
            },
            None => {
                Way::Sockets { app_token: secret(args.app_token_file, "GANTRY_APP_TOKEN", "--app-token-file", env)? }
            }
        },
        api_url: args.api_url,
        keeping: args.kept.into(),
    };
    let installation = Installation::open(dir).await?;
    let projects = installation.projects(args.project).await?;
    let page = match args.metrics {
        Some(address) => Some(metrics_page(address, &installation).await?),
        None => None,
    };
    let bot = Bot::start(&installation, projects, connection, &args.channel).await?;
    print(&format!("Gantry listens{}. Ctrl-C stops it; what runs goes on running.\n", bot.ears.place()))?;
    if let Some(page) = &page {
        print(&format!("Metrics are at http://{}/metrics.\n", page.address()))?;
    }
    until_told().await?;
    bot.stop().await;
    if let Some(page) = page {
        page.close().await;
    }
    installation.store.close().await;
    Ok(exit::code(exit::DONE))
}

async fn metrics_page(address: SocketAddr, installation: &Installation) -> anyhow::Result<Page> {
    let page = Page::open(address, metrics::start()?, Arc::<SqliteStore>::clone(&installation.store)).await;
    page.with_context(|| format!("{address} can't be listened on for metrics; take another with --metrics"))
}

/// A secret from a file, or from a variable. Never from an argument: those are for everybody on the machine to read.
pub(super) fn secret(file: Option<PathBuf>, variable: &str, flag: &str, env: Env) -> anyhow::Result<SecretString> {
    let text = match file {
        Some(file) => std::fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?,
        None => env(variable).with_context(|| format!("{variable} isn't set: set it, or name a file with {flag}"))?,
    };
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "what {variable} or {flag} gives is empty");
    Ok(text.to_owned().into())
}

/// How to reach a workspace, and how it reaches the bot.
pub(super) struct Connection {
    /// The Web API's address.
    pub(super) api_url: String,
    /// Speaks.
    pub(super) bot_token: SecretString,
    pub(super) way: Way,
    /// How long things are kept.
    pub(super) keeping: Keeping,
}

/// How the workspace reaches the bot.
pub(super) enum Way {
    /// Through sockets that the bot opens.
    Sockets { app_token: SecretString },
    /// By requests to the bot.
    Http { address: SocketAddr, secret: SecretString },
}

/// What listens.
enum Ears {
    Sockets(Listening),
    Http(HttpIntake),
}

impl Ears {
    async fn open(way: Way, client: &SlackClient, inbox: Inbox, me: UserId) -> anyhow::Result<Self> {
        match way {
            Way::Sockets { app_token } => {
                let sockets = client.sockets(&app_token).await?;
                Ok(Self::Sockets(sockets.listen(inbox, me).await.map_err(anyhow::Error::msg)?))
            }
            Way::Http { address, secret } => {
                let door = Door { secret: SigningSecret::new(&secret), inbox, clock: Arc::new(SystemClock), me };
                let intake = HttpIntake::start(address, door).await;
                Ok(Self::Http(intake.with_context(|| format!("{address} can't be listened on"))?))
            }
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Sockets(_) => String::new(),
            Self::Http(intake) => format!(" at http://{}/slack/commands, interactions and events", intake.address()),
        }
    }

    async fn close(self) {
        match self {
            Self::Sockets(listening) => listening.stop().await,
            Self::Http(intake) => intake.stop().await,
        }
    }
}

/// The bot, connected.
pub(super) struct Bot {
    app: App,
    ears: Ears,
}

impl Bot {
    pub(super) async fn start(
        installation: &Installation,
        projects: Arc<ProjectFiles>,
        connection: Connection,
        channel: &str,
    ) -> anyhow::Result<Self> {
        let (client, identity) = SlackClient::connect(&connection.api_url, &connection.bot_token).await?;
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
            keeping: connection.keeping,
        };
        let app = App::start(parts).await?;
        let ears = Ears::open(connection.way, &client, app.inbox(), identity.me).await?;
        Ok(Self { app, ears })
    }

    /// Takes nothing new, ends what can end, and leaves the rest to the next start.
    pub(super) async fn stop(self) {
        self.ears.close().await;
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
