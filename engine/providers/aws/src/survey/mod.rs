//! The look at the account before anything is planned: the facts that the lowering needs, and everything that stands in
//! the way, all at once, each with its remedy. Reads only, and never a secret's value.
//!
//! What doesn't change while somebody works (zones, the ids of names, an image that a release was resolved to) is kept
//! for some minutes, so that a second look at the same environment is a handful of calls.

mod delegation;
mod images;
mod kept;
mod names;
mod network;
mod quotas;
mod registry;
mod secrets;
mod there;

use crate::drivers::{Aws, Result};
use crate::facts::Found;
use crate::lower::lower;
use crate::settings::Account;
use futures::try_join;
use gantry_engine::environment::Environment;
use gantry_engine::names::InstallationId;
use gantry_engine::ports::{Finding, Survey};
use kept::Kept;

/// Looks at accounts for one installation.
#[derive(Debug)]
pub(crate) struct Surveyor {
    installation: InstallationId,
    kept: Kept,
}

/// What each part of a look is about.
struct Look<'a> {
    aws: &'a Aws,
    installation: &'a InstallationId,
    env: &'a Environment,
    account: &'a Account,
    kept: &'a Kept,
}

impl Surveyor {
    pub(crate) fn new(installation: InstallationId) -> Self {
        Self { installation, kept: Kept::default() }
    }

    /// Facts and findings for an environment.
    ///
    /// # Errors
    /// Where the account can't be asked. What is wrong with the account or the environment is a finding.
    pub(crate) async fn survey(&self, aws: &Aws, env: &Environment) -> Result<Survey> {
        let mut found = Found {
            region: aws.region.clone(),
            account: aws.account.clone(),
            partition: aws.partition.clone(),
            ..Found::default()
        };
        let survey = |found: &Found, findings| Survey { facts: found.write(), findings };
        let account = match Account::of(env) {
            Ok(account) => account,
            Err(findings) => return Ok(survey(&found, findings)),
        };
        // In a wrong place everything else would be about the wrong things.
        if let Some(elsewhere) = elsewhere(aws, &account) {
            return Ok(survey(&found, vec![elsewhere]));
        }
        let look = Look { aws, installation: &self.installation, env, account: &account, kept: &self.kept };
        let (network, images, secrets, names, there) = try_join!(
            network::look(&look),
            images::look(&look),
            secrets::look(&look),
            names::look(&look),
            there::look(&look),
        )?;
        let mut findings = quotas::look(&look, network.room).await?;
        found.zones = network.zones;
        found.cidr = network.cidr;
        found.subnets = network.subnets;
        found.volumes = network.volumes;
        found.images = images.images;
        found.secrets = secrets.secrets;
        found.zone = names.zone;
        findings.extend([network.findings, images.findings, secrets.findings, names.findings, there].concat());
        if !findings.is_empty() {
            // What the lowering will refuse is told together with what was found here.
            let refused = lower(env, &supposed(&found, env).write()).err();
            findings.extend(refused.into_iter().flat_map(|refused| refused.0));
        }
        Ok(survey(&found, findings))
    }
}

/// The same for an environment, whatever else is wrong with its settings.
pub(crate) fn out_of_bounds(aws: &Aws, env: &Environment) -> Option<Finding> {
    Account::of(env).ok().and_then(|account| elsewhere(aws, &account))
}

/// Why nothing may be done here: another account than the project file allows, or another region than it wants.
fn elsewhere(aws: &Aws, account: &Account) -> Option<Finding> {
    if !account.accounts.is_empty() && !account.accounts.contains(&aws.account) {
        return Some(Finding {
            what: format!(
                "Gantry's AWS credentials are for account {}, and the project file allows {} only",
                aws.account,
                account.accounts.join(", ")
            ),
            remedy: "start Gantry with a profile of an allowed account, or add this one to `accounts` in `[ecs]`"
                .into(),
        });
    }
    let wanted = account.region.as_ref().filter(|region| **region != aws.region)?;
    Some(Finding {
        what: format!("the project file wants the region {wanted}, and Gantry works in {}", aws.region),
        remedy: format!("start Gantry with AWS_REGION={wanted}, or change `region` in `[ecs]`"),
    })
}

/// The facts, as if everything that was looked for had been found: then the lowering finds only what is its own matter.
fn supposed(found: &Found, env: &Environment) -> Found {
    let mut supposed = found.clone();
    let zones = ["a", "b"].map(|zone| format!("{}{zone}", found.region));
    supposed.zones.extend(zones.into_iter().filter(|zone| !found.zones.contains(zone)));
    supposed.zones.truncate(2);
    supposed.cidr.get_or_insert_with(|| "10.0.0.0/16".to_owned());
    supposed.zone.get_or_insert_default();
    for (service, running) in &env.services {
        let image = || running.service.image.clone().unwrap_or_default();
        supposed.images.entry(service.clone()).or_insert_with(|| format!("{}@sha256:", image()));
        for variable in running.service.secrets.keys() {
            supposed.secrets.entry((service.clone(), variable.clone())).or_default();
        }
    }
    supposed
}

fn finding(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { what: what.into(), remedy: remedy.into() }
}
