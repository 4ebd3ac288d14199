//! The one task that writes. It commits everything that waits together, so that many callers share one flush of the
//! disk; each request stands behind a savepoint, so that a refused one fails alone.
//!
//! Deliveries have a way of their own, since somebody waits for each to be acknowledged and none can be refused: all
//! that wait are one statement. Every statement is a trip to the database's thread and back, and with three of them for
//! each delivery those trips, not the disk, were most of the time of a burst.
//!
//! A caller that goes away changes nothing: a request that was handed in runs to its end here. It is answered after the
//! commit and never before, and if the commit fails, nobody is told anything else than that, not even who was refused:
//! they may have been refused because of a neighbour that is gone now.

use crate::error::Result;
use crate::sql;
use crate::tables::deliveries;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use gantry_engine::ports::{Accepted, Delivery, StoreError};
use sqlx::{Connection as _, SqliteConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// At most so many requests share a commit: the first of them waits for the last.
const BATCH: usize = 128;

/// So many may wait beside the batch that runs; more callers wait to hand in.
const QUEUE: usize = 1024;

/// The way to the writing task.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    commits: Arc<AtomicU64>,
}

enum Message {
    Write(Box<dyn Request>),
    Accept(Arriving),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task on its connection.
    pub(crate) fn start(conn: SqliteConnection) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        tokio::spawn(serve(conn, requests, Arc::clone(&commits)));
        Self { queue, commits }
    }

    /// Runs a request in a transaction; answers when it is on the disk, or refused and nothing is left of it.
    pub(crate) async fn write<T, F>(&self, request: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pending = Pending { request: Some(request), result: None, reply };
        self.queue.send(Message::Write(Box::new(pending))).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Stores a delivery; answers when it is on the disk.
    pub(crate) async fn accept(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Message::Accept(Arriving { delivery, reply })).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Ends the task after what was handed in before.
    pub(crate) async fn close(&self) {
        let (done, end) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that the task ended before it read the message: closed it is all the same.
            end.await.ok();
        }
    }

    /// How many transactions were tried.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed; start gantry again".to_owned())
}

/// A delivery with the caller who waits for it.
struct Arriving {
    delivery: Delivery,
    reply: oneshot::Sender<Result<Accepted, StoreError>>,
}

/// What is committed together.
#[derive(Default)]
struct Batch {
    arriving: Vec<Arriving>,
    requests: Vec<Box<dyn Request>>,
}

/// A request with the caller who waits for it.
trait Request: Send {
    /// Runs inside a savepoint; an error means that it may not stay.
    fn run<'c>(&'c mut self, tx: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>>;

    /// Tells the caller, once it is known what became of the transaction.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Pending<T, F> {
    request: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Pending<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>> + Send,
{
    fn run<'c>(&'c mut self, tx: &'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>> {
        async move {
            let Some(request) = self.request.take() else { return Err(closed()) };
            let result = request(tx).await.map_err(StoreError::from);
            let stays = result.as_ref().map(|_| ()).map_err(StoreError::clone);
            self.result = Some(result);
            stays
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, reply, .. } = *self;
        let answer = committed.and_then(|()| result.unwrap_or_else(|| Err(closed())));
        // The caller may have stopped waiting.
        reply.send(answer).ok();
    }
}

async fn serve(mut conn: SqliteConnection, mut queue: mpsc::Receiver<Message>, commits: Arc<AtomicU64>) {
    let mut waiting = Vec::with_capacity(BATCH);
    let mut end = None;
    while end.is_none() && queue.recv_many(&mut waiting, BATCH).await > 0 {
        let mut batch = Batch::default();
        for message in waiting.drain(..) {
            match message {
                Message::Write(request) => batch.requests.push(request),
                Message::Accept(arriving) => batch.arriving.push(arriving),
                Message::Close(done) => end = Some(done),
            }
        }
        if !batch.requests.is_empty() || !batch.arriving.is_empty() {
            commit(&mut conn, batch).await;
            commits.fetch_add(1, Ordering::Relaxed);
        }
    }
    finish(conn).await;
    if let Some(done) = end {
        done.send(()).ok();
    }
}

async fn commit(conn: &mut SqliteConnection, mut batch: Batch) {
    let committed = transaction(conn, &mut batch).await.map_err(StoreError::from);
    if let Err(error) = &committed {
        let all = batch.requests.len() + batch.arriving.len();
        tracing::error!(%error, requests = all, "a transaction came to nothing");
        // Fails where there was none to begin with, or where the database has rolled back by itself already, as it
        // does on a full disk.
        sqlx::query(sql::ROLLBACK).execute(conn).await.ok();
    }
    for request in batch.requests {
        request.answer(committed.as_ref().map(|_| ()).map_err(StoreError::clone));
    }
    for (at, Arriving { reply, .. }) in batch.arriving.into_iter().enumerate() {
        let accepted = committed.as_ref().map_err(StoreError::clone);
        // The caller may have stopped waiting.
        reply.send(accepted.and_then(|all| all.get(at).copied().ok_or_else(closed))).ok();
    }
}

/// An error here ends the whole batch: beginning, committing or taking back a request didn't work.
async fn transaction(conn: &mut SqliteConnection, batch: &mut Batch) -> Result<Vec<Accepted>> {
    let arriving: Vec<&Delivery> = batch.arriving.iter().map(|arriving| &arriving.delivery).collect();
    if batch.requests.is_empty() {
        // One statement is a transaction of its own.
        return deliveries::accept(conn, &arriving).await;
    }
    sqlx::query(sql::BEGIN).execute(&mut *conn).await?;
    let accepted = if arriving.is_empty() { Vec::new() } else { deliveries::accept(conn, &arriving).await? };
    for request in &mut batch.requests {
        sqlx::query(sql::SAVE).execute(&mut *conn).await?;
        if let Err(refusal) = request.run(conn).await {
            undo(conn, refusal).await?;
        }
        sqlx::query(sql::KEEP).execute(&mut *conn).await?;
    }
    sqlx::query(sql::COMMIT).execute(conn).await?;
    Ok(accepted)
}

/// Takes a request back. On some errors, a full disk among them, the database has rolled back everything by itself;
/// then there is no savepoint left, and the error to tell is the one that did it
/// (<https://www.sqlite.org/lang_transaction.html>, "response to errors within a transaction").
async fn undo(conn: &mut SqliteConnection, refusal: StoreError) -> Result<()> {
    match sqlx::query(sql::UNDO).execute(conn).await {
        Ok(_) => Ok(()),
        Err(_) if matches!(refusal, StoreError::Unavailable(_)) => Err(refusal.into()),
        Err(error) => Err(error.into()),
    }
}

async fn finish(mut conn: SqliteConnection) {
    // Nothing is lost where this fails: the next one to open the file reads the log.
    let emptied = sqlx::raw_sql(sql::CHECKPOINT).execute(&mut conn).await;
    if let Err(error) = emptied {
        tracing::warn!(%error, "the log was not written back");
    }
    if let Err(error) = conn.close().await {
        tracing::warn!(%error, "the database did not close");
    }
}
