//! The planner from outside: what it decides in each situation, and what holds for any.

mod any;
mod table;
pub(crate) mod world;
