//! `gantry slack`: the app at Slack.

use super::args::SlackCommand;
use super::{exit, print};
use crate::slack;
use std::process::ExitCode;

pub(super) fn run(what: &SlackCommand) -> anyhow::Result<ExitCode> {
    let SlackCommand::Manifest { http, link } = what;
    let manifest = slack::manifest(http.as_deref());
    print(&if *link { format!("{}\n", slack::link(&manifest)) } else { format!("{manifest:#}\n") })?;
    Ok(exit::code(exit::DONE))
}
