//! The facts that lowering needs: whether the programs that services run can be found.
//!
//! Looks, changes nothing. A release that the runtime already has isn't looked at again: it was found once, and a
//! program that went away since must not stand in the way of another service's change.

use super::error::provider_error;
use crate::api::{Client, Filter, Spec};
use gantry_engine::environment::{Environment, Running};
use gantry_engine::names::ServiceName;
use gantry_engine::provider::{Facts, ProviderError};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The fact that says of a service which program it lacks.
fn key(service: &ServiceName) -> String {
    format!("missing.{service}")
}

/// The program that a service lacks, if the survey found that.
pub(super) fn missing_program<'a>(facts: &'a Facts, service: &ServiceName) -> Option<&'a str> {
    facts.0.get(&key(service)).map(String::as_str)
}

/// What is to be known of an environment.
pub(super) async fn survey(
    client: &Client,
    of: &Filter,
    programs: &[PathBuf],
    env: &Environment,
) -> Result<Facts, ProviderError> {
    let all = client.list(of).await.map_err(provider_error)?;
    let known: BTreeSet<Vec<String>> = all
        .into_iter()
        .filter_map(|status| match status.wanted {
            Spec::Service(spec) => Some(spec.task.command),
            _ => None,
        })
        .collect();
    let mut facts = Facts::default();
    for (name, Running { service, .. }) in &env.services {
        let Some(program) = service.command.first() else { continue };
        if !known.contains(&service.command) && !is_there(program, programs).await {
            facts.0.insert(key(name), program.clone());
        }
    }
    Ok(facts)
}

/// A program with a path is meant as it stands, and tasks start in folders of their own, so the path has to be whole;
/// one without is looked for where the runtime will look.
async fn is_there(program: &str, folders: &[PathBuf]) -> bool {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.is_absolute() && is_executable(path).await;
    }
    for folder in folders {
        if is_executable(&folder.join(path)).await {
            return true;
        }
    }
    false
}

async fn is_executable(path: &Path) -> bool {
    match tokio::fs::metadata(path).await {
        Ok(metadata) => metadata.is_file() && metadata.permissions().mode() & 0o111 != 0,
        Err(_) => false,
    }
}
