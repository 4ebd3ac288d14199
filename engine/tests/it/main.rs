//! The engine's tests from outside: planner, journal, and the runner over a fake platform and a store in memory.

mod crashes;
mod journal;
mod planner;
mod rivals;
mod runner;
mod sim;
mod storms;
