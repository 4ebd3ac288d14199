//! The reference implementation of the `Store` port, in memory: as plain as it can be, so that a real store can be
//! compared with it. One mutex is its transaction. It does not check that journals are legal; that is the engine's.

mod audit;
mod deliveries;
mod locks;
mod operations;
mod posts;
mod retention;
mod state;
mod store;
mod times;
mod workers;

pub use store::MemoryStore;
