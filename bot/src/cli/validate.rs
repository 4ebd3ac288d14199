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
            let (services, environments) = (project.services.len(), project.environments.len());
            let (name, file, digest) = (&project.name, args.file.display(), project.revision.short());
            print(&format!(
                "{file} is in order: project {name}, {services} services, {environments} environments, revision {digest}.\n"
            ))?;
            Ok(exit::code(exit::DONE))
        }
        Err(BadProjects::Invalid { findings, .. }) => {
            print(&format!("{:?}\n", miette::Report::new(*findings)))?;
            Ok(exit::code(exit::FAILED))
        }
        Err(error) => Err(error.into()),
    }
}
