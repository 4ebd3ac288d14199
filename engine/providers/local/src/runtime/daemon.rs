//! The daemon's life: take the lock, find everything again, serve, reconcile until told to end.
//!
//! Ending it, in whatever way, ends no task: that takes a request of its own.

use super::clock::now;
use super::config::{RuntimeConfig, RuntimeError};
use super::files;
use super::http::{App, router};
use super::world::World;
use crate::paths::Paths;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep, timeout};

/// Between two passes while something is on its way.
const BUSY: Duration = Duration::from_millis(50);
/// Between two passes otherwise. Requests and ends of tasks wake it before, but for tasks of an earlier daemon.
const IDLE: Duration = Duration::from_millis(500);

/// How long a daemon that doesn't answer any more may still hold the lock.
const ENDING: Duration = Duration::from_secs(1);

/// Runs the daemon of a state directory until it is stopped (`POST /v1/stop`, SIGTERM, SIGINT). Tasks go on running
/// unless the request said otherwise.
///
/// # Errors
/// When another one runs, or when something can't be read, written or bound at the start.
pub async fn run(mut config: RuntimeConfig) -> Result<(), RuntimeError> {
    config.dir =
        std::path::absolute(&config.dir).map_err(RuntimeError::io(format!("find {}", config.dir.display())))?;
    if config.detach {
        // Fails only for the leader of a session or group, which is detached already.
        let _ = nix::unistd::setsid();
    }
    let paths = Paths::new(&config.dir);
    files::private_dir(paths.root()).map_err(RuntimeError::io(format!("create {}", paths.root().display())))?;
    let _lock = lock(&paths, &config.dir).await?;
    let world = World::load(config, paths.clone(), now()).await?;
    tracing::info!(objects = world.objects.len(), tasks = world.tasks.len(), edge = %world.network.edge.addr(),
        dns = %world.network.dns.addr(), "runtime started");
    let listener = listen(&paths)?;
    let wake = world.wake.clone();
    let app = App { world: Arc::new(Mutex::new(world)), stop: Arc::new(Notify::new()) };
    let reconciler = tokio::spawn(reconcile(app.clone(), wake));
    let server = tokio::spawn(async move { axum::serve(listener, router(app)).await });
    let ended = reconciler.await;
    // In this order: whoever can't connect any more finds no socket either.
    drop(fs::remove_file(paths.socket()));
    server.abort();
    tracing::info!("runtime ended");
    ended.map_err(|error| RuntimeError::Io { what: "go on reconciling".to_owned(), source: error.into() })
}

/// Passes until told to end.
async fn reconcile(app: App, wake: Arc<Notify>) {
    let stopped = app.stop.clone();
    let told = async {
        tokio::select! {
            () = stopped.notified() => {}
            () = terminated() => {}
        }
    };
    tokio::pin!(told);
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            () = &mut told => break,
            _ = timeout(pause, wake.notified()) => {}
        }
        let mut world = app.world.lock().await;
        pause = match world.pass(now()).await {
            Ok(true) => BUSY,
            Ok(false) if world.waits_for_nodes() => BUSY,
            Ok(false) => IDLE,
            Err(error) => {
                tracing::error!(%error, "a pass failed; trying again");
                IDLE
            }
        };
        if world.halting && !world.tasks.values().any(super::task::Task::is_live) {
            break;
        }
    }
    app.world.lock().await.network.shutdown().await;
}

/// SIGTERM or SIGINT.
async fn terminated() {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        tracing::error!("signals can't be received; stop the runtime with `gantry runtime stop`");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// One daemon per directory. One that is just ending is waited for.
async fn lock(paths: &Paths, dir: &Path) -> Result<Flock<File>, RuntimeError> {
    let deadline = Instant::now() + ENDING;
    loop {
        match try_lock(paths, dir) {
            Err(RuntimeError::AlreadyRunning(_)) if Instant::now() < deadline => sleep(BUSY).await,
            outcome => return outcome,
        }
    }
}

fn try_lock(paths: &Paths, dir: &Path) -> Result<Flock<File>, RuntimeError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(paths.lock())
        .map_err(RuntimeError::io(format!("open {}", paths.lock().display())))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| match errno {
        Errno::EWOULDBLOCK => RuntimeError::AlreadyRunning(dir.to_owned()),
        other => RuntimeError::io(format!("lock {}", paths.lock().display()))(other.into()),
    })
}

/// The socket, for its owner only. It is bound under another name and renamed when nobody else can open it any more; a
/// dead daemon's is replaced that way too.
fn listen(paths: &Paths) -> Result<UnixListener, RuntimeError> {
    let socket = paths.socket();
    let beside = socket.with_extension("new");
    let bound = || {
        if let Some(dir) = socket.parent() {
            files::private_dir(dir)?;
            let meta = fs::metadata(dir)?;
            if meta.uid() != nix::unistd::getuid().as_raw() || meta.permissions().mode() & 0o022 != 0 {
                return Err(std::io::Error::other("its directory isn't ours alone"));
            }
        }
        files::write_bytes(&paths.socket_record(), format!("{}\n", socket.display()).as_bytes())?;
        files::remove(&beside)?;
        let listener = UnixListener::bind(&beside)?;
        fs::set_permissions(&beside, Permissions::from_mode(0o600))?;
        fs::rename(&beside, &socket)?;
        Ok(listener)
    };
    bound().map_err(RuntimeError::io(format!("listen on {}", socket.display())))
}
