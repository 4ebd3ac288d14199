//! Starting and stopping: the state is read, the address bound, everything wired up; and ended within a deadline.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use axum::Router;
use axum::middleware;
use axum::routing::{any, get, post};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::limit::RequestBodyLimitLayer;

use crate::directory::Directory;
use crate::hub::{Clock, Hub, Parts, Watch};
use crate::secrets::{Secrets, SecretsError, random, write_private};
use crate::seed::Seed;
use crate::socket::{Courier, Timings, deliver_to};
use crate::state::{Delivery, Log, LogError, Model};
use crate::{api, control, page, reply, socket};

/// More than any allowed message.
const BODY_LIMIT: usize = 1024 * 1024;
/// Where tools find a running workspace.
const ADDRESS: &str = "workspace.json";

/// What a workspace needs to start.
pub struct WorkspaceConfig {
    /// Where state is kept; nowhere if `None`.
    pub dir: Option<PathBuf>,
    /// A loopback address. Port 0 takes a free one.
    pub bind: SocketAddr,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Who and what is there.
    pub seed: Seed,
    /// The tokens. If left out: those kept in `dir`, else new ones.
    pub secrets: Option<Secrets>,
    /// How long things take. The default is what Slack does.
    pub timings: Timings,
    /// Whether methods may be called only as often as Slack's pages say; more is answered 429. Off by default.
    pub limits: bool,
    /// Who is told of each call of the Web API.
    pub watch: Option<Watch>,
}

impl WorkspaceConfig {
    /// On a free port, in memory only, with the default seed.
    pub fn new(clock: Clock) -> Self {
        let bind = SocketAddr::from(([127, 0, 0, 1], 0));
        let (seed, timings) = (Seed::default(), Timings::default());
        Self { dir: None, bind, clock, seed, secrets: None, timings, limits: false, watch: None }
    }
}

/// Why a workspace didn't start.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// Only this machine may reach it: it has no real sign-in.
    #[error("the workspace can't listen on {0}: choose a loopback address such as 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The address is taken, or not ours.
    #[error("failed to listen on {address}: {source}; choose another port, or 0 for a free one")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The operating system's word.
        source: io::Error,
    },
    /// The state directory can't be used.
    #[error("failed to use the state directory {}: {source}", path.display())]
    Dir {
        /// The directory.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// Another process uses the state directory.
    #[error("another workspace is running on {}: stop it first, or choose another directory", .0.display())]
    Busy(PathBuf),
    /// The log can't be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The tokens can't be kept.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

/// The embedded workspace.
#[derive(Debug)]
pub struct Workspace;

impl Workspace {
    /// Starts a workspace: when this returns, it answers.
    pub async fn start(config: WorkspaceConfig) -> Result<Running, WorkspaceError> {
        if !config.bind.ip().is_loopback() {
            return Err(WorkspaceError::NotLoopback(config.bind));
        }
        let kept = Kept::open(config.dir.as_deref(), config.secrets)?;
        let bind = |source| WorkspaceError::Bind { address: config.bind, source };
        let listener = TcpListener::bind(config.bind).await.map_err(bind)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(bind)?);
        if let Some(dir) = &config.dir {
            let address = Address { base_url: base_url.clone(), control_token: kept.secrets.control_token.clone() };
            write_private(&dir.join(ADDRESS), &address)?;
        }
        let unfinished: Vec<Delivery> = kept.model.deliveries().to_vec();
        let parts = Parts {
            directory: Directory::new(&config.seed),
            secrets: kept.secrets,
            timings: config.timings,
            limits: config.limits,
            salt: random()?,
            base_url,
            clock: config.clock,
            watch: config.watch,
        };
        let hub = Arc::new(Hub::new(parts, kept.log, kept.model));
        for delivery in &unfinished {
            hub.courier.enqueue(delivery);
        }
        tracing::info!(address = hub.base_url, unfinished = unfinished.len(), "the workspace is up");
        Ok(Running::spawn(hub, listener, kept.lock))
    }
}

/// What was kept from the last run.
struct Kept {
    lock: Option<File>,
    secrets: Secrets,
    log: Log,
    model: Model,
}

impl Kept {
    fn open(dir: Option<&Path>, given: Option<Secrets>) -> Result<Self, WorkspaceError> {
        let Some(dir) = dir else {
            let secrets = given.map_or_else(Secrets::generate, Ok)?;
            return Ok(Self { lock: None, secrets, log: Log::in_memory(), model: Model::default() });
        };
        let lock = lock(dir)?;
        let secrets = match given {
            Some(secrets) => {
                secrets.keep(dir)?;
                secrets
            }
            None => Secrets::load_or_generate(dir)?,
        };
        let (log, model) = Log::open(dir)?;
        Ok(Self { lock: Some(lock), secrets, log, model })
    }
}

/// Two processes writing one log would damage it. The operating system drops the lock when the process ends, however it ends.
fn lock(dir: &Path) -> Result<File, WorkspaceError> {
    let failed = |source| WorkspaceError::Dir { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    let file = File::create(dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WorkspaceError::Busy(dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Where a running workspace is, for tools on the same machine.
#[derive(Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) base_url: String,
    pub(crate) control_token: String,
}

impl Address {
    pub(crate) fn read(dir: &Path) -> io::Result<Self> {
        let bytes = fs::read(dir.join(ADDRESS))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }
}

/// A workspace that is up. Stop it with [`Running::shutdown`]; dropped, it ends abruptly.
pub struct Running {
    hub: Arc<Hub>,
    server: JoinHandle<io::Result<()>>,
    courier: JoinHandle<()>,
    lock: Option<File>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("base_url", &self.hub.base_url).finish_non_exhaustive()
    }
}

impl Running {
    fn spawn(hub: Arc<Hub>, listener: TcpListener, lock: Option<File>) -> Self {
        let mut stopping = hub.stopping();
        let stopped = async move { stopping.wait().await };
        let server = axum::serve(listener, router(&hub)).with_graceful_shutdown(stopped);
        let server = tokio::spawn(async move { server.await });
        let courier = tokio::spawn(Courier::run(Arc::clone(&hub)));
        Self { hub, server, courier, lock }
    }

    /// `http://127.0.0.1:PORT`
    pub fn base_url(&self) -> &str {
        &self.hub.base_url
    }

    /// The Web API's base, without a slash at its end.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.hub.base_url)
    }

    /// The chat page. The control token sits in the fragment, which browsers never send.
    pub fn page_url(&self) -> String {
        format!("{}/#token={}", self.hub.base_url, self.hub.secrets.control_token)
    }

    /// The credentials.
    pub fn secrets(&self) -> &Secrets {
        &self.hub.secrets
    }

    /// How many calls were refused because there were too many.
    pub fn refused_as_too_many(&self) -> u64 {
        self.hub.rates.as_ref().map_or(0, crate::api::Rates::refused)
    }

    /// Posts what the app receives, signed, to `commands`, `interactions` and `events` below this address: for an app that opens
    /// no sockets.
    pub fn deliver_to(&self, base: &str) {
        tokio::spawn(deliver_to(Arc::clone(&self.hub), base.to_owned()));
    }

    /// A client that acts as people.
    pub fn client(&self) -> crate::Client {
        crate::Client::new(&self.hub.base_url, &self.hub.secrets.control_token)
    }

    /// Tells sockets and streams to end, waits for them as long as the timings allow, then ends for good.
    pub async fn shutdown(mut self) {
        self.hub.stop();
        let deadline = self.hub.timings.shutdown;
        let hub = Arc::clone(&self.hub);
        let ended = async {
            hub.courier.all_closed().await;
            (&mut self.server).await
        };
        if tokio::time::timeout(deadline, ended).await.is_err() {
            tracing::warn!("some connections did not end in time; they are cut");
        }
        // What is left is aborted when `self` is dropped.
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.stop();
        self.server.abort();
        self.courier.abort();
        drop(self.lock.take());
    }
}

fn router(hub: &Arc<Hub>) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/archives/{channel}/{message}", get(page::index))
        .route("/page/{name}", get(page::asset))
        .route("/api/{method}", any(api::serve))
        .route("/hooks/{key}", post(reply::hook))
        .route("/link/", get(socket::link))
        .nest("/_", control::routes(Arc::clone(hub)))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::clone(hub), control::local_only))
        .with_state(Arc::clone(hub))
}
