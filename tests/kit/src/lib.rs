//! What tests of any room share: a clock that is moved by hand, a store in memory, a fake platform nastier than AWS,
//! processes that die at any point, and conformance suites for providers.

pub mod clock;
pub mod dice;
pub mod fake;
pub mod life;
pub mod memory_store;
pub mod provider_suite;
pub mod sample;
pub mod store_suite;
