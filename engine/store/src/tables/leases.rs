//! Leases: who may write to a journal. Nobody's clock decides here but the caller's, and only when a lease is taken;
//! after that the epoch alone does.

use crate::codec::{count, env_key, int, parse, time, unreadable};
use crate::error::Result;
use crate::sql::operations as sql;
use gantry_engine::journal::State;
use gantry_engine::names::{EnvKey, Holder, OpId};
use gantry_engine::ports::{Lease, StoreError};
use jiff::Timestamp;
use sqlx::SqliteConnection;

/// An operation as far as a writer is concerned.
pub(super) struct Head {
    op: OpId,
    pub(super) key: EnvKey,
    closed: bool,
    pub(super) seq: u64,
    epoch: u64,
    held: Option<(Holder, Timestamp)>,
}

impl Head {
    /// Whether a lease is the newest one and wasn't given back.
    pub(super) fn check(&self, lease: &Lease) -> Result<(), StoreError> {
        let holds = self.held.as_ref().is_some_and(|(holder, _)| *holder == lease.holder);
        if holds && self.epoch == lease.epoch { Ok(()) } else { Err(StoreError::Fenced(self.op)) }
    }

    /// Whether somebody else has it at an instant. A process that comes back under its name is a new one and may take
    /// it over from itself.
    fn is_anothers(&self, holder: &Holder, now: Timestamp) -> bool {
        self.held.as_ref().is_some_and(|(other, until)| other != holder && now < *until)
    }
}

pub(super) async fn head(conn: &mut SqliteConnection, op: OpId) -> Result<Head> {
    type Found = (String, String, String, i64, i64, Option<String>, Option<String>);
    let found: Option<Found> = sqlx::query_as(sql::HEAD).bind(int(op.0)).fetch_optional(conn).await?;
    let (project, env, state, seq, epoch, holder, until) = found.ok_or(StoreError::NoSuchOperation(op))?;
    let state = State::from_word(&state).ok_or_else(|| unreadable(format_args!("the state of {op}"), state))?;
    let what = format!("the lease of {op}");
    let until = until.map(|until| parse(&what, &until)).transpose()?;
    Ok(Head {
        op,
        key: env_key(&project, &env)?,
        closed: state.is_closed(),
        seq: count(format_args!("the newest number of {op}"), seq)?,
        epoch: count(&what, epoch)?,
        held: holder.map(Holder::new).zip(until),
    })
}

/// Refused unless the lease is good.
pub(super) async fn fence(tx: &mut SqliteConnection, lease: &Lease) -> Result<()> {
    Ok(head(tx, lease.op).await?.check(lease)?)
}

/// A closed operation has nothing left to do, so that its lease is never given out.
pub(crate) async fn take(
    tx: &mut SqliteConnection,
    op: OpId,
    holder: &Holder,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>> {
    let head = head(tx, op).await?;
    if head.closed || head.is_anothers(holder, now) {
        return Ok(None);
    }
    let epoch = head.epoch + 1;
    let lease = sqlx::query(sql::LEASE).bind(int(op.0)).bind(int(epoch)).bind(holder.as_str()).bind(time(until));
    lease.execute(tx).await?;
    Ok(Some(Lease { op, holder: holder.clone(), epoch }))
}

pub(crate) async fn renew(tx: &mut SqliteConnection, lease: &Lease, until: Timestamp) -> Result<()> {
    fence(tx, lease).await?;
    sqlx::query(sql::RENEW).bind(int(lease.op.0)).bind(time(until)).execute(tx).await?;
    Ok(())
}

/// Giving back twice is fine, so that a worker needn't know whether closing did it already; what is another's now stays
/// theirs.
pub(crate) async fn release(tx: &mut SqliteConnection, lease: &Lease) -> Result<()> {
    let head = head(tx, lease.op).await?;
    if head.held.is_none() && head.epoch == lease.epoch {
        return Ok(());
    }
    head.check(lease)?;
    give_up(tx, lease.op).await
}

pub(super) async fn give_up(tx: &mut SqliteConnection, op: OpId) -> Result<()> {
    sqlx::query(sql::RELEASE).bind(int(op.0)).execute(tx).await?;
    Ok(())
}
