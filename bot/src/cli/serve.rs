//! `gantry serve`: the bot against a workspace. `try` runs the same against the embedded one.

use super::args::Serve;
use super::install::Installation;
use super::meeting::{Known, Meeting, Unmet};
use super::{Env, exit, print, templates};
use crate::clock::SystemClock;
use crate::directory::Cached;
use crate::metrics::{self, Page};
use crate::projects::ProjectFiles;
use crate::run::{App, Parts};
use crate::slack::{Door, HttpIntake, Listening, SigningSecret, SlackClient};
use anyhow::Context;
use gantry_engine::apply::Tuning;
use gantry_engine::ports::{Clock, Keeping, Store};
use gantry_store::SqliteStore;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// How long to wait before Slack is tried again, the first time and at the most.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

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
    let mut bot = Bot::start(&installation, projects, connection, &args.channel).await?;
    if let Some(page) = &page {
        print(&format!("Metrics are at http://{}/metrics.\n", page.address()))?;
    }
    let ended = tokio::select! {
        told = until_told() => told,
        refused = bot.listen() => refused.map(|never| match never {}),
    };
    bot.stop().await;
    if let Some(page) = page {
        page.close().await;
    }
    installation.store.close().await;
    ended.map(|()| exit::code(exit::DONE))
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
    /// Returns once something can come in.
    async fn open(&self) {
        match self {
            Self::Sockets(listening) => listening.open().await,
            Self::Http(_) => {}
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

/// The bot, working; and connected, once Slack can be reached.
pub(super) struct Bot {
    app: App,
    meeting: Meeting,
    client: SlackClient,
    known: Known,
    way: Way,
    /// None until Slack gives sockets.
    ears: Option<Ears>,
    /// Why Slack wasn't reached, the last time that it was tried.
    away: Option<anyhow::Error>,
}

impl Bot {
    /// Goes on with what was begun. Where Slack can't be reached, that goes by what it told at an earlier start.
    pub(super) async fn start(
        installation: &Installation,
        projects: Arc<ProjectFiles>,
        connection: Connection,
        channel: &str,
    ) -> anyhow::Result<Self> {
        let meeting = Meeting::new(&installation.dir, &connection.api_url, connection.bot_token, channel);
        let (client, known, away) = match meeting.meet().await {
            Ok((client, known)) => (client, known, None),
            Err(Unmet::Refused(error)) => return Err(error),
            Err(Unmet::Away(error)) => match meeting.recall()? {
                Some((client, known)) => (client, known, Some(error)),
                None => {
                    return Err(
                        error.context("the first start on this directory needs Slack, to learn who the bot is there")
                    );
                }
            },
        };
        let clock = Arc::new(SystemClock);
        let store: Arc<dyn Store> = Arc::<SqliteStore>::clone(&installation.store);
        let parts = Parts {
            store,
            platforms: installation.platforms.clone(),
            projects,
            clock: clock.clone(),
            chat: Arc::new(client.clone()),
            directory: Arc::new(Cached::new(client.clone(), clock)),
            installation: installation.id.clone(),
            holder: installation.holder(),
            me: known.identity.me.clone(),
            fallback: known.fallback.clone(),
            tuning: Tuning::default(),
            keeping: connection.keeping,
        };
        let app = App::start(parts).await?;
        let mut bot = Self { app, meeting, client, known, way: connection.way, ears: None, away };
        match bot.open().await {
            Ok(()) => {}
            Err(Unmet::Away(error)) => bot.away = Some(error),
            Err(Unmet::Refused(error)) => return Err(error),
        }
        Ok(bot)
    }

    /// Opens what can be opened without asking Slack who the bot is.
    async fn open(&mut self) -> Result<(), Unmet> {
        let (inbox, me) = (self.app.inbox(), self.known.identity.me.clone());
        self.ears = Some(match &self.way {
            Way::Sockets { .. } if self.away.is_some() => return Ok(()),
            Way::Sockets { app_token } => {
                let sockets = self.client.sockets(app_token).await?;
                let listening = sockets.listen(inbox, me).await;
                Ears::Sockets(listening.map_err(|why| Unmet::Refused(anyhow::Error::msg(why)))?)
            }
            Way::Http { address, secret } => {
                let door = Door { secret: SigningSecret::new(secret), inbox, clock: Arc::new(SystemClock), me };
                let intake = HttpIntake::start(*address, door).await;
                let intake = intake.with_context(|| format!("{address} can't be listened on"));
                Ears::Http(intake.map_err(Unmet::Refused)?)
            }
        });
        Ok(())
    }

    /// Says when it listens, and tries to reach Slack until it is reached. Ends only where Slack refuses.
    pub(super) async fn listen(&mut self) -> anyhow::Result<Infallible> {
        if let Some(why) = &self.away {
            print(&format!(
                "Slack can't be reached ({why:#}). What was begun goes on; Slack is tried again and again.\n"
            ))?;
        }
        let mut announced = false;
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(ears) = self.ears.as_ref().filter(|_| !announced) {
                ears.open().await;
                print(&format!("Gantry listens{}. Ctrl-C stops it; what runs goes on running.\n", ears.place()))?;
                announced = true;
            }
            let Some(why) = &self.away else { return std::future::pending().await };
            tracing::warn!(
                why = format!("{why:#}"),
                again_in = pause.as_secs(),
                "Slack can't be reached; it is tried again"
            );
            let clock = SystemClock;
            clock.sleep_until(clock.now().saturating_add(pause).unwrap_or(Timestamp::MAX)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            match self.reach().await {
                Ok(()) => tracing::info!("Slack is reached"),
                Err(Unmet::Away(error)) => self.away = Some(error),
                Err(Unmet::Refused(error)) => return Err(error),
            }
        }
    }

    /// Asks who the bot is, and opens what isn't open.
    async fn reach(&mut self) -> Result<(), Unmet> {
        let (_, now) = self.meeting.meet().await?;
        if now.identity.me != self.known.identity.me || now.identity.team_id != self.known.identity.team_id {
            return Err(Unmet::Refused(anyhow::anyhow!(
                "the bot's token is of another app or workspace than before; start again with it"
            )));
        }
        self.away = None;
        if self.ears.is_none() { self.open().await } else { Ok(()) }
    }

    /// Takes nothing new, ends what can end, and leaves the rest to the next start.
    pub(super) async fn stop(self) {
        if let Some(ears) = self.ears {
            ears.close().await;
        }
        self.app.stop().await;
    }
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
