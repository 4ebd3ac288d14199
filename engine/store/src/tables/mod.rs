//! What each method of the port does inside its transaction, by table. None of it begins or commits one.

pub(crate) mod audit;
pub(crate) mod claims;
pub(crate) mod deliveries;
pub(crate) mod intents;
pub(crate) mod journal;
pub(crate) mod leases;
pub(crate) mod locks;
pub(crate) mod operations;
pub(crate) mod posts;
pub(crate) mod records;
pub(crate) mod retention;
pub(crate) mod times;
