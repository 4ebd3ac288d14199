//! Whole-product tests: the beds that they run on. The tests themselves are in `it/`.
//!
//! Two beds go through the front door. A [`Town`](town::Town) is everything in one process with the time passed in: the
//! embedded workspace, the bot connected to it as in production, and the fake cloud or a real local runtime below. A
//! [`Machine`](machine::Machine) is the real binary in real processes that can be killed. Neither has a way into the bot
//! that a person, or an operating system, wouldn't have; what a test knows it read in the chat, in the store or in the
//! runtime. A [`Booth`](booth::Booth) is the bot alone in memory, for saying ten thousand things.

pub mod booth;
pub mod calls;
pub mod chronicle;
pub mod dns;
pub mod http;
pub mod machine;
pub mod process;
pub mod town;
pub mod transcript;
pub mod wait;
#[cfg(feature = "outside")]
pub mod webdriver;

/// The project that everything is tried with.
pub const EXAMPLE: &str = include_str!("../../examples/mini-soa/gantry.toml");

/// The example project for AWS.
#[cfg(feature = "aws")]
pub const AWS_EXAMPLE: &str = include_str!("../../examples/mini-soa/gantry-aws.toml");
