//! The engine over the platform, on the stand-in: whole environments made, changed and taken down while processes die
//! and the network is bad, and what that costs in calls and time. What is there in the end is judged by the stand-in's
//! own state, never by ours.

#![expect(clippy::print_stdout, reason = "what was measured is shown to who asks for it with `--nocapture`")]

mod choices;
mod costs;
mod deaths;
mod judge;
mod least;
mod line;
mod process;
mod weather;
mod world;
