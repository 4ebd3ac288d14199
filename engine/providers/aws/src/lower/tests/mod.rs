//! The lowering from outside: a record and facts in, resources out.

mod changes;
mod findings;
mod resources;
mod sample;
