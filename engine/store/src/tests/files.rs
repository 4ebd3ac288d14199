//! The file: who may read it, how it is set up, which ones are refused, what stays after a close.

use super::{Bed, bed, meddle};
use crate::error::{Failure, OpenError};
use crate::{SqliteStore, sql};
use futures::FutureExt as _;
use gantry_engine::ports::{Accepted, Store as _, StoreError};
use gantry_testkit::store_suite::samples::{at, delivery, holder, leased, propose, work};
use std::os::unix::fs::PermissionsExt as _;

async fn open_error(path: &std::path::Path) -> OpenError {
    SqliteStore::open(path).await.map(|_| ()).expect_err("it must be refused")
}

#[tokio::test]
async fn a_new_database_is_for_its_user_only() {
    let Bed { store, path, _folder } = bed().await;
    store.accept(delivery("a", 1)).await.unwrap();
    for file in [path.clone(), path.with_extension("db-wal"), path.with_extension("db-shm")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn the_writing_connection_is_set_up_for_keeps() {
    let bed = bed().await;
    // 2 is FULL: <https://www.sqlite.org/pragma.html#pragma_synchronous>
    for (pragma, expected) in [
        ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
        ("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous", "2"),
        ("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys", "1"),
    ] {
        let ask = bed.store.writer().write(move |tx| {
            async move {
                let (found,): (String,) = sqlx::query_as(pragma).fetch_one(tx).await?;
                Ok(found)
            }
            .boxed()
        });
        assert_eq!(ask.await.unwrap(), expected, "{pragma}");
    }
}

#[tokio::test]
async fn readers_cannot_write() {
    let bed = bed().await;
    let refused = sqlx::query(sql::operations::REPORTED).bind(1).bind(1).execute(bed.store.readers()).await;
    let error = StoreError::from(Failure::from(refused.expect_err("it must be refused")));
    assert!(matches!(error, StoreError::Unavailable(why) if why.contains("read-only")));
}

#[tokio::test]
async fn a_missing_folder_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let error = open_error(&folder.path().join("no/such/gantry.db")).await;
    assert!(matches!(&error, OpenError::NoFolder { folder } if folder.ends_with("no/such")), "{error}");
    assert!(!folder.path().join("no").exists());
}

#[tokio::test]
async fn what_a_newer_version_wrote_is_refused() {
    let Bed { store, path, _folder } = bed().await;
    store.close().await;
    meddle(&path, "UPDATE gantry_schema SET version = 99").await;
    let error = open_error(&path).await;
    assert!(matches!(error, OpenError::Newer { found: 99, known: 7, .. }), "{error}");
    assert!(error.to_string().contains("use the newer gantry"));
}

#[tokio::test]
async fn other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    std::fs::write(
        &notes,
        "shopping list: bread, milk and whatever makes this longer than a header of 100 bytes is ...",
    )
    .unwrap();
    let error = open_error(&notes).await;
    let OpenError::Unusable { source: StoreError::Unreadable { why, .. }, .. } = &error else { panic!("{error}") };
    assert!(why.contains("no SQLite database"), "{why}");

    let other = folder.path().join("other.db");
    std::fs::write(&other, "").unwrap();
    meddle(&other, "CREATE TABLE recipes (name TEXT)").await;
    let error = open_error(&other).await;
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");

    let error = open_error(folder.path()).await;
    assert!(matches!(error, OpenError::Unusable { .. }), "a folder is no file: {error}");
}

#[tokio::test]
async fn everything_is_there_after_a_close_and_the_log_is_empty() {
    let Bed { store, path, _folder } = bed().await;
    let lease = leased(&store, "d1", "dev").await.unwrap();
    store.append(work(&lease, 1, "two")).await.unwrap();
    store.close().await;
    store.close().await;
    let log = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0);

    for closed in [store.accept(delivery("a", 1)).await.map(|_| ()), store.unhandled(1).await.map(|_| ())] {
        assert!(matches!(&closed, Err(StoreError::Unavailable(why)) if why.contains("closed")), "{closed:?}");
    }
    let again = SqliteStore::open(&path).await.unwrap();
    assert_eq!(again.history(lease.op, 0).await.unwrap().len(), 2);
    assert_eq!(again.append(work(&lease, 2, "the lease too")).await, Ok(3));
}

#[tokio::test]
async fn two_processes_share_a_file() {
    let bed = bed().await;
    let other = SqliteStore::open(&bed.path).await.unwrap();
    assert_eq!(bed.store.accept(delivery("a", 1)).await, Ok(Accepted::New));
    assert_eq!(other.accept(delivery("a", 1)).await, Ok(Accepted::Duplicate));
    let op = propose(&other, "d1", "dev").await.unwrap();
    let first = bed.store.lease(op, &holder("one"), at(0), at(60)).await.unwrap().unwrap();
    assert_eq!(other.lease(op, &holder("two"), at(0), at(60)).await, Ok(None));
    assert!(other.lease(op, &holder("two"), at(60), at(90)).await.unwrap().is_some());
    assert_eq!(bed.store.append(work(&first, 1, "late")).await, Err(StoreError::Fenced(op)));
}

#[tokio::test]
async fn what_is_polled_has_an_index() {
    let bed = bed().await;
    for (statement, index) in [
        (sql::deliveries::UNHANDLED, "deliveries_unhandled"),
        (sql::operations::OPEN, "operations_open"),
        (sql::operations::OF_ENVIRONMENT, "operations_of_environment"),
        (sql::operations::UNREPORTED, "operations_unreported"),
        (sql::operations::ASKED_IN_THREAD, "operations_in_thread"),
        (sql::posts::UNSENT, "posts_unsent"),
        (sql::posts::KEYS_AT, "posts_at"),
    ] {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(bed.store.readers()).await.unwrap();
        let plan: Vec<_> = plan.into_iter().map(|(_, _, _, line)| line).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{plan:?} should use {index}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{plan:?} sorts");
    }
}
