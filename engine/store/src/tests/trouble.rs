//! A full disk, a lock that stays, content that can't be read: said in words that help, and over when it is over.

use super::{Bed, bed, meddle};
use crate::{OpenError, SqliteStore};
use futures::FutureExt as _;
use gantry_engine::audit::{Broken, Chain, Trail};
use gantry_engine::ports::{
    Accepted, Commit, Delivery, Keeping, LogFilter, OpFilter, RecordChange, Retention as _, Store as _, StoreError,
};
use gantry_testkit::store_suite::samples::{at, delivery, draft, environment, key, leased, propose, work};
use jiff::SignedDuration;
use sqlx::{ConnectOptions as _, Connection as _};
use std::time::Duration;

fn says<T: std::fmt::Debug>(answer: &Result<T, StoreError>, words: &str) -> bool {
    matches!(answer, Err(StoreError::Unavailable(why)) if why.contains(words))
}

#[tokio::test]
async fn a_full_disk_is_said_and_over_when_there_is_room() {
    let Bed { store, path, _folder } = bed().await;
    store.close().await;
    // As many pages as there are, and a few more.
    let small = SqliteStore::open_tuned(&path, |options| options.pragma("max_page_count", "60")).await.unwrap();
    let big = |n: usize| Delivery { body: "x".repeat(20_000), ..delivery(&format!("big-{n}"), 1) };
    let mut stored = 0;
    let full = loop {
        match small.accept(big(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break Err::<(), _>(error),
        }
        assert!(stored < 100, "60 pages don't hold that much");
    };
    assert!(says(&full, "the disk is full"), "{full:?}");
    assert_eq!(small.unhandled(100).await.unwrap().len(), stored, "what was acknowledged is there, and nothing else");
    small.close().await;

    let roomy = SqliteStore::open(&path).await.unwrap();
    assert_eq!(roomy.accept(big(stored)).await, Ok(Accepted::New));
}

#[tokio::test]
async fn a_disk_too_full_for_a_schema_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gantry.db");
    let full = SqliteStore::open_tuned(&path, |options| options.pragma("max_page_count", "3")).await;
    let OpenError::Unusable { source, .. } = full.map(|_| ()).unwrap_err() else { panic!("it is ours") };
    assert!(says(&Err::<(), _>(source), "the disk is full"));
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.accept(delivery("a", 1)).await, Ok(Accepted::New), "nothing of it was left by half");
}

#[tokio::test]
async fn a_read_only_database_is_said() {
    let bed = bed().await;
    // A disk that was mounted anew, read-only, while we run.
    let read_only = bed.store.writer().write(|tx| {
        async move {
            sqlx::raw_sql("PRAGMA query_only = ON").execute(tx).await?;
            Ok(())
        }
        .boxed()
    });
    read_only.await.unwrap();
    let refused = bed.store.accept(delivery("a", 1)).await;
    assert!(says(&refused, "read-only"), "{refused:?}");
    assert_eq!(bed.store.unhandled(9).await, Ok(vec![]));
}

#[tokio::test]
async fn a_lock_that_stays_is_said_and_over_when_it_goes() {
    let Bed { store, path, _folder } = bed().await;
    store.close().await;
    let soon = |options: sqlx::sqlite::SqliteConnectOptions| options.busy_timeout(Duration::from_millis(20));
    let store = SqliteStore::open_tuned(&path, soon).await.unwrap();
    let mut other = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let refused = store.accept(delivery("a", 1)).await;
    assert!(says(&refused, "keeps the database locked"), "{refused:?}");
    assert_eq!(store.unhandled(9).await, Ok(vec![]), "reading goes on meanwhile");
    other.close().await.unwrap();
    assert_eq!(store.accept(delivery("a", 1)).await, Ok(Accepted::New));
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let Bed { store, path, _folder } = bed().await;
    let lease = leased(&store, "d1", "dev").await.unwrap();
    let record = Some(RecordChange { from: None, to: environment("dev", 1, 1) });
    store.append(Commit { record, ..work(&lease, 1, "two") }).await.unwrap();
    store.post_once(draft("p", "b")).await.unwrap();
    propose(&store, "d2", "prod").await.unwrap();

    let of = |error: StoreError| match error {
        StoreError::Unreadable { what, why } => (what, why),
        other => panic!("{other:?}"),
    };
    meddle(&path, "UPDATE entries SET v = 2 WHERE op = 1 AND seq = 2").await;
    let (what, why) = of(store.history(lease.op, 0).await.unwrap_err());
    assert_eq!(what, "entry 2 of op-1");
    assert!(why.contains("update it"), "{why}");
    meddle(&path, "UPDATE entries SET v = 1, body = '{\"kind\":\"unheard_of\"}' WHERE op = 1 AND seq = 2").await;
    let (what, why) = of(store.history(lease.op, 1).await.unwrap_err());
    assert!(what == "entry 2 of op-1" && why.contains("unheard_of"), "{what}: {why}");

    meddle(&path, "UPDATE environments SET body = '{'; UPDATE posts SET thread = 'x'").await;
    assert_eq!(of(store.environment(&key("dev")).await.unwrap_err()).0, "the record of shop/dev");
    assert_eq!(of(store.unsent(9).await.unwrap_err()).0, "the message p");
    meddle(&path, "UPDATE operations SET state = 'napping' WHERE id = 1").await;
    let (what, why) = of(store.operations(&OpFilter::default()).await.unwrap_err());
    assert!(what == "the state of op-1" && why.contains("napping"), "{what}: {why}");
    assert!(store.operation(gantry_engine::names::OpId(2)).await.unwrap().is_some(), "the others can be read");
}

#[tokio::test]
async fn the_audit_log_is_only_added_to_and_whoever_forces_it_shows() {
    let Bed { store, path, _folder } = bed().await;
    let lease = leased(&store, "d1", "dev").await.unwrap();
    for after in 1..4 {
        store.append(work(&lease, after, "once more")).await.unwrap();
    }
    store.close().await;
    let mut file = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let change = "UPDATE audit SET body = replace(body, 'once', 'twice') WHERE seq = 3";
    for refused in [change, "DELETE FROM audit WHERE seq = 3"] {
        let answer = sqlx::raw_sql(refused).execute(&mut file).await;
        assert!(answer.unwrap_err().to_string().contains("only added to"), "{refused}");
    }
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(followed(&store).await.map(|chain| chain.seq), Ok(4));
    store.close().await;
    sqlx::raw_sql("DROP TRIGGER audit_is_never_changed").execute(&mut file).await.unwrap();
    sqlx::raw_sql(change).execute(&mut file).await.unwrap();
    file.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(followed(&store).await, Err(Broken::Changed(3)));
}

#[tokio::test]
async fn whoever_tampers_with_a_pruned_log_shows() {
    let Bed { store, path, _folder } = bed().await;
    let lease = leased(&store, "d1", "dev").await.unwrap();
    for after in 1..8 {
        store.append(work(&lease, after, "once more")).await.unwrap();
    }
    let horizon = Keeping { audit: Some(SignedDuration::ZERO), ..Keeping::default() }.horizon(at(9_000));
    assert_eq!(store.prune(&horizon, 4).await.unwrap().lines, 4);
    assert_eq!(followed(&store).await.map(|chain| chain.seq), Ok(9));
    store.close().await;
    let changed = "DROP TRIGGER audit_is_never_changed;
        UPDATE audit SET body = replace(body, 'once', 'twice') WHERE seq = 6";
    let more = "UPDATE audit_anchor SET seq = 6, digest = (SELECT digest FROM audit WHERE seq = 6);
        DELETE FROM audit WHERE seq <= 6";
    let all_that_told = "UPDATE audit_anchor SET seq = 9, digest = (SELECT digest FROM audit WHERE seq = 9);
        DELETE FROM audit WHERE seq <= 9";
    let forgotten = "DELETE FROM audit_anchor";
    for (what, broken) in [
        (changed, Broken::Changed(6)),
        (more, Broken::Anchor(6)),
        (all_that_told, Broken::Anchor(9)),
        (forgotten, Broken::Missing(1)),
    ] {
        let other = path.with_extension("copy");
        std::fs::copy(&path, &other).unwrap();
        meddle(&other, what).await;
        let store = SqliteStore::open(&other).await.unwrap();
        assert_eq!(followed(&store).await, Err(broken), "{what}");
        store.close().await;
        std::fs::remove_file(&other).unwrap();
    }
    let mut file = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let young = sqlx::raw_sql("DELETE FROM audit WHERE seq = 5").execute(&mut file).await;
    assert!(young.unwrap_err().to_string().contains("only added to"), "what is after the anchor stays");
}

async fn followed(store: &SqliteStore) -> Result<Chain, Broken> {
    let mut trail = Trail::after(store.anchor().await.unwrap().map(|anchor| anchor.last));
    let lines = store.audited(&LogFilter::default()).await.unwrap();
    lines.iter().try_for_each(|line| trail.follow(line))?;
    trail.end().map(|()| trail.chain)
}
