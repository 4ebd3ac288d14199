//! One installation on this machine: its directory, its lock, its name, and the parts that every way of running shares.

use super::aws;
use crate::clock::SystemClock;
use crate::projects::{BadProjects, ProjectFiles};
use anyhow::Context;
use gantry_engine::names::{Holder, InstallationId};
use gantry_engine::ports::{Platform, Platforms, Store};
use gantry_local::api::Client;
use gantry_local::provider::Local;
use gantry_store::SqliteStore;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The database's name in the state directory.
pub(super) const DATABASE: &str = "gantry.db";

/// A directory that is ours alone, and what lives in it.
pub(super) struct Installation {
    pub(super) dir: PathBuf,
    pub(super) id: InstallationId,
    pub(super) store: Arc<SqliteStore>,
    pub(super) platforms: Platforms,
    pub(super) runtime: Client,
    _lock: File,
}

impl Installation {
    /// Takes a state directory, and starts the local runtime if it doesn't run.
    pub(super) async fn open(dir: &Path) -> anyhow::Result<Self> {
        private(dir)?;
        let lock = lock(dir)?;
        let id = identity(dir)?;
        let store = SqliteStore::open(&dir.join(DATABASE)).await?;
        let exe = std::env::current_exe().context("where this program lies can't be told")?;
        let runtime = Client::connect_or_start(dir, &exe).await?;
        let programs = exe.parent().map(Path::to_owned).into_iter().chain(path()).collect();
        let local = Local::new(id.clone(), runtime.clone(), programs);
        let local: Arc<dyn Platform> = Arc::new(local);
        let platforms: Platforms =
            std::iter::once(local).chain(aws::platform(&id)).map(|platform| (platform.name(), platform)).collect();
        Ok(Self { dir: dir.to_owned(), id, store: Arc::new(store), platforms, runtime, _lock: lock })
    }

    /// The name that leases are held under. The lock on the directory makes it one process at a time, so a restarted
    /// one takes its leases over at once.
    pub(super) fn holder(&self) -> Holder {
        Holder::new(format!("bot@{}", self.id))
    }

    /// Reads project files, with findings shown the way compilers do.
    pub(super) async fn projects(&self, files: Vec<PathBuf>) -> anyhow::Result<Arc<ProjectFiles>> {
        let store: Arc<dyn Store> = Arc::<SqliteStore>::clone(&self.store);
        match ProjectFiles::open(files, store, Arc::new(SystemClock)).await {
            Ok(projects) => Ok(Arc::new(projects)),
            Err(BadProjects::Invalid { findings, .. }) => anyhow::bail!("{:?}", miette::Report::new(*findings)),
            Err(error) => Err(error.into()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the edge: where programs lie is read here and passed on")]
fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Makes a directory that only its owner reads.
pub(super) fn private(dir: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("{} can't be made; choose another place with --dir", dir.display()))
}

/// One bot per directory. The operating system drops the lock when the process ends, however it ends.
fn lock(dir: &Path) -> anyhow::Result<File> {
    let file = dir.join("lock");
    let lock = File::create(&file).with_context(|| format!("{} can't be written", file.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "a bot is running on {} already; stop it first, or choose another place with --dir",
                dir.display()
            )
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} can't be locked", file.display())),
    }
}

/// The installation's name, made once: part of every ownership mark, so it must never change and never repeat.
fn identity(dir: &Path) -> anyhow::Result<InstallationId> {
    let file = dir.join("installation");
    if let Ok(text) = std::fs::read_to_string(&file)
        && !text.trim().is_empty()
    {
        return Ok(InstallationId::new(text.trim()));
    }
    let mut bytes = [0_u8; 4];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let id = hex::encode(bytes);
    replace(&file, id.as_bytes())?;
    Ok(InstallationId::new(id))
}

/// Writes a file of the state directory: all of it or nothing, and for its owner only.
pub(super) fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    let mut to = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
    to.write_all(bytes)?;
    to.sync_all()?;
    std::fs::rename(&fresh, file)
}
