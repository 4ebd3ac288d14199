//! The domain of Gantry: what environments are, what has to be done to them, and the journal of doing it.
//!
//! Pure core and ports. No clock, environment variable, socket or dice in here: time comes as an argument, effects go
//! through the traits in [`ports`].

pub mod names;
