//! Group commit: what waits together is committed together, and answered for itself.

use super::{Bed, bed};
use futures::FutureExt as _;
use futures::future::join_all;
use gantry_engine::journal::Entry;
use gantry_engine::ports::{Accepted, Store as _, StoreError};
use gantry_testkit::store_suite::samples::{click, delivery, leased, propose};

impl Bed {
    /// A request of another sort, among the others.
    async fn meddle_inside(&self, statement: &'static str) -> Result<(), StoreError> {
        let meddle = self.store.writer().write(move |tx| {
            async move {
                sqlx::raw_sql(statement).execute(tx).await?;
                Ok(())
            }
            .boxed()
        });
        meddle.await
    }
}

/// An entry of no operation.
const ORPHAN: &str = "INSERT INTO entries (op, seq, at, v, body) VALUES (404, 1, '', 1, '')";

// These tests have one thread: everything that a `join` hands in waits there before the writing task has its turn.

#[tokio::test]
async fn what_waits_together_is_committed_together() {
    let bed = bed().await;
    let accepts = (0..64).map(|n| bed.store.accept(delivery(&format!("d{n}"), n)));
    let accepted = join_all(accepts).await;
    assert!(accepted.iter().all(|one| *one == Ok(Accepted::New)));
    assert_eq!(bed.store.commits(), 1);
    assert_eq!(bed.store.unhandled(100).await.unwrap().len(), 64);
}

#[tokio::test]
async fn a_batch_has_an_end() {
    let bed = bed().await;
    let accepts = (0..300).map(|n| bed.store.accept(delivery(&format!("d{n}"), n)));
    join_all(accepts).await;
    assert_eq!(bed.store.commits(), 3, "128 at most in each");
}

#[tokio::test]
async fn one_refused_row_fails_alone() {
    let bed = bed().await;
    let op = propose(&bed.store, "d1", "dev").await.unwrap();
    let before = bed.store.commits();
    let (first, moved, broken, last) = tokio::join!(
        biased;
        bed.store.accept(delivery("a", 1)),
        bed.store.append(click(op, "c1", 9)),
        bed.meddle_inside(ORPHAN),
        bed.store.append(click(op, "c1", 1)),
    );
    assert_eq!(first, Ok(Accepted::New));
    assert_eq!(moved, Err(StoreError::Moved { op, seq: 1 }));
    assert!(matches!(broken, Err(StoreError::Unavailable(why)) if why.contains("FOREIGN KEY")));
    assert_eq!(last, Ok(2), "the refused try of the same delivery left nothing");
    assert_eq!(bed.store.commits() - before, 1);
    assert_eq!(bed.store.unhandled(9).await.unwrap().len(), 1);
}

/// The same, found only by the commit.
const LATE: &str = "PRAGMA defer_foreign_keys = ON;
    INSERT INTO entries (op, seq, at, v, body) VALUES (404, 1, '', 1, '')";

#[tokio::test]
async fn when_the_commit_fails_everybody_is_told_and_nothing_stays() {
    let bed = bed().await;
    let lease = leased(&bed.store, "d1", "dev").await.unwrap();
    let (accepted, repeated, meddled) = tokio::join!(
        biased;
        bed.store.accept(delivery("a", 1)),
        bed.store.accept(delivery("a", 1)),
        bed.meddle_inside(LATE),
    );
    for answer in [accepted.map(|_| ()), repeated.map(|_| ()), meddled] {
        assert!(matches!(&answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    assert_eq!(bed.store.unhandled(9).await.unwrap(), []);
    assert_eq!(bed.store.accept(delivery("a", 1)).await, Ok(Accepted::New), "it goes on");
    let journal = bed.store.history(lease.op, 0).await.unwrap();
    assert!(matches!(journal[..], [ref first] if matches!(first.entry, Entry::Proposed { .. })));
}

#[tokio::test]
async fn a_caller_that_left_is_served_all_the_same() {
    let bed = bed().await;
    let left = bed.store.accept(delivery("a", 1)).now_or_never();
    assert_eq!(left, None, "it was handed in and not answered");
    assert_eq!(bed.store.accept(delivery("a", 1)).await, Ok(Accepted::Duplicate));
}
