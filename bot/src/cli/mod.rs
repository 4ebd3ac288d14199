//! The command line: the same binary starts the bot, tries everything on one machine, and talks to what runs.

mod args;
mod audit;
mod aws;
mod doctor;
mod exit;
mod follow;
mod install;
mod meeting;
mod render;
mod run;
mod runtime;
mod say;
mod serve;
mod slack;
mod templates;
mod tryout;
mod validate;

pub(crate) use run::print;
pub use run::{Env, run};
