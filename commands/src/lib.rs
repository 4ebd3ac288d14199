//! Chat text to a typed [`Command`]. Pure: no input, no output, no clock; the moment and the speaker's time zone are
//! arguments, and so are the names that exist.
//!
//! One table ([`Verb::ALL`], one file per verb in `verbs/`) drives the parser, the help and the completion. The parser
//! never guesses: what may be left out is an `Option` in the tree, and whoever knows the thread fills it. What this
//! crate does not do: decide who may say something, or whether it makes sense now.
//!
//! ```
//! use gantry_commands::{Context, Names, Vocabulary, parse};
//! use gantry_engine::names::{EnvName, ProjectName, ServiceName};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut vocabulary = Vocabulary::new();
//! let names = Names::new([ServiceName::new("web")?], [EnvName::new("dev")?], []);
//! vocabulary.insert(ProjectName::new("shop")?, names);
//! let now: jiff::Timestamp = "2026-11-20T09:00:00Z".parse()?;
//! let cx = Context { now, zone: jiff::tz::TimeZone::UTC, vocabulary: &vocabulary, me: None };
//!
//! let command = parse("<@U1> Deploy `web`:1.4 to dev —for 8h", &cx)?.ok_or("nothing said")?;
//! assert_eq!(command.to_string(), "deploy web:1.4 to dev for 8h");
//!
//! let error = parse("deploy wbe to dev", &cx).unwrap_err();
//! assert_eq!(error.did_you_mean.as_deref(), Some("web"));
//! assert_eq!(error.example, "deploy web to dev");
//! # Ok(())
//! # }
//! ```

mod args;
mod ast;
mod caret;
mod clause;
mod complete;
mod context;
mod display;
mod error;
mod fill;
mod help;
mod instant;
mod length;
mod mend;
mod reader;
mod refer;
mod rule;
mod scan;
mod terms;
mod verbs;

pub use ast::{
    Action, Change, Command, Control, Decision, Expiry, Extension, Follow, Question, Scheduling, Volumes, Vote, Wanted,
};
pub use complete::{Suggestion, complete};
pub use context::{Context, Names, Vocabulary};
pub use error::{Candidates, ErrorKind, InstantProblem, LengthProblem, ParseError, What};
pub use help::{Topic, help, markdown};
pub use instant::Instant;
pub use length::Length;
pub use reader::parse;
pub use scan::{MAX_CHARS, plain};
pub use terms::{BadTerm, Qualified, Reason, ReleaseNo, TargetName};
pub use verbs::{Category, Verb, VerbSpec};
