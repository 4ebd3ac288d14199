//! Our side: the intake as `gantry serve --http` opens it, over the same store, and nobody who handles what comes in.

use gantry::clock::SystemClock;
use gantry::intake::Inbox;
use gantry::slack::{Door, HttpIntake, SigningSecret};
use gantry_engine::names::UserId;
use gantry_engine::ports::Store;
use gantry_store::SqliteStore;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// As many threads as the binary has.
fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Serves until it is told to end.
pub(crate) fn run(file: &Path, secret: &str) {
    runtime().block_on(async {
        let store = Arc::new(SqliteStore::open(file).await.expect("a database"));
        let clock = Arc::new(SystemClock);
        let inbox = Inbox::new(Arc::<SqliteStore>::clone(&store), clock.clone(), Arc::new(Notify::new()));
        let door = Door { secret: SigningSecret::new(&secret.into()), inbox, clock, me: UserId::new("U2") };
        let intake = HttpIntake::start(([127, 0, 0, 1], 0).into(), door).await.expect("a free port");
        let mut told = signal(SignalKind::terminate()).expect("signals");
        writeln!(std::io::stdout(), "listening {}", intake.address()).expect("somebody reads it");
        told.recv().await;
        intake.stop().await;
        store.close().await;
    });
}

/// How many deliveries a database holds.
pub(crate) fn count(file: &Path) -> usize {
    runtime().block_on(async {
        let store = SqliteStore::open(file).await.expect("a database");
        let all = store.unhandled(10_000_000).await.expect("deliveries");
        store.close().await;
        all.len()
    })
}
