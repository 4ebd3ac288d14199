//! The engine's tests from outside: planner, journal, and the runner over a fake platform and a store in memory.

mod admission;
mod crashes;
mod expiry;
mod flights;
mod journal;
mod locks;
mod outside;
mod planner;
mod receipts;
mod rivals;
mod rules;
mod runner;
mod script;
mod sim;
mod storms;
mod undo;
