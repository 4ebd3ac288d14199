//! The journal's home: the engine's [`Store`](gantry_engine::ports::Store) port on SQLite. The only room with SQL.
//!
//! It keeps what it is given and decides nothing: whether an entry may follow, what a plan is and who may vote is the
//! engine's. Values of secrets never get here.
//!
//! Writes go through one task (`writer`) that commits all that wait together, each behind a savepoint of its own, so
//! that a disk's flush is shared and a refusal is not. Reads have connections of their own and never wait for a write.
//!
//! Two processes may open the same file: leases keep them apart, and the loser of a race is told so. They gain nothing
//! by it, though: SQLite has one writer. Replicas want another store.

mod codec;
mod error;
mod open;
mod schema;
mod sql;
mod store;
mod tables;
mod writer;

pub use error::OpenError;
pub use store::SqliteStore;

#[cfg(test)]
mod tests;
