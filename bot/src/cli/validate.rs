//! `gantry validate FILE`.

use super::args::Validate;
use super::{exit, print};
use crate::projects::{BadProjects, Read, read};
use std::process::ExitCode;

pub(super) fn run(args: &Validate) -> anyhow::Result<ExitCode> {
    match read(&args.file) {
        Ok(Read { project, warnings, .. }) => {
            if !warnings.is_empty() {
                print(&format!("{:?}\n", miette::Report::new(warnings)))?;
            }
            let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let services = count(project.services.len(), "service");
            let environments = count(project.environments.len(), "environment");
            let (name, file, digest) = (&project.name, args.file.display(), project.revision.short());
            print(&format!("{file} is in order: project {name}, {services}, {environments}, revision {digest}.\n"))?;
            Ok(exit::code(exit::DONE))
        }
        Err(BadProjects::Invalid { findings, .. }) => {
            print(&format!("{:?}\n", miette::Report::new(*findings)))?;
            Ok(exit::code(exit::FAILED))
        }
        Err(error) => Err(error.into()),
    }
}
