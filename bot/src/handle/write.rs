//! A person's word in an operation's journal: once per delivery, on top of whatever was written before.

use gantry_engine::apply::{Engine, told};
use gantry_engine::journal::{Entry, Operation, Stamped, State};
use gantry_engine::names::{DeliveryId, OpId};
use gantry_engine::ports::{Commit, StoreError, Writer};
use jiff::Timestamp;

/// How a word got into a journal.
#[derive(Debug)]
pub enum Written<E> {
    /// It stands there (now, or since the same delivery came before).
    Done(Box<Operation>),
    /// It can't: why.
    TooLate(E),
}

/// Writes an entry that people cause. `decide` sees the operation as it is now, and may refuse; it is asked again if
/// somebody else wrote meanwhile.
///
/// # Errors
/// [`StoreError`] where the store refuses.
pub async fn write<E>(
    engine: &Engine,
    id: OpId,
    delivery: &DeliveryId,
    decide: impl Fn(&Operation, Timestamp) -> Result<Entry, E>,
) -> Result<Written<E>, StoreError> {
    loop {
        let op = read(engine, id).await?;
        let at = engine.clock.now();
        let entry = match decide(&op, at) {
            Ok(entry) => entry,
            Err(refused) => return Ok(Written::TooLate(refused)),
        };
        let mut after = op.clone();
        let stamped = Stamped { seq: op.seq + 1, at, entry: entry.clone() };
        if let Err(why) = after.apply(&stamped) {
            return Err(StoreError::Unreadable { what: id.to_string(), why: why.to_string() });
        }
        let commit = Commit {
            op: id,
            writer: Writer::Delivery(delivery.clone()),
            after: op.seq,
            entries: vec![entry],
            at,
            state: after.state(),
            rows: Vec::new(),
            record: None,
            releases: Vec::new(),
        };
        match engine.store.append(commit).await {
            Ok(_) => return Ok(Written::Done(Box::new(after))),
            Err(StoreError::Moved { .. }) => {}
            Err(StoreError::Repeated(_)) => return Ok(Written::Done(Box::new(op))),
            Err(error) => return Err(error),
        }
    }
}

/// An operation as its journal tells it now.
pub(crate) async fn read(engine: &Engine, id: OpId) -> Result<Operation, StoreError> {
    told(engine.store.as_ref(), id).await.map(|(op, _)| op)
}

/// Refuses what is over, with its state.
pub(super) fn still_open(op: &Operation) -> Result<(), State> {
    let state = op.state();
    if state.is_closed() { Err(state) } else { Ok(()) }
}
