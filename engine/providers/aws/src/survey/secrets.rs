//! Secrets: whether they are there, their ARNs, and which keys encrypt them. Never a value: these calls don't give one.

use super::{Look, finding};
use crate::drivers::{Result, trouble};
use crate::facts::Secret;
use futures::future::try_join_all;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// What was found about secrets.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) secrets: BTreeMap<(ServiceName, String), Secret>,
    pub(super) findings: Vec<Finding>,
}

/// Where a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A secret of Secrets Manager, by name or ARN, and a key of it if it is JSON.
    Manager(String, Option<String>),
    /// A parameter of Systems Manager, by name or ARN.
    Parameter(String),
}

/// How many parts the ARN of a secret has, at `:`; a key may follow.
const PARTS: usize = 7;

impl Place {
    /// None where it is another scheme's: then it isn't ours to look for.
    fn of(reference: &str) -> Option<Self> {
        if let Some(name) = reference.strip_prefix("ssm:") {
            return Some(Self::Parameter(name.to_owned()));
        }
        let name = reference.strip_prefix("secretsmanager:")?;
        let parts: Vec<&str> = name.split(':').collect();
        let own = if name.starts_with("arn:") { PARTS } else { 1 };
        let key = parts.get(own).filter(|key| !key.is_empty()).map(|key| (*key).to_owned());
        Some(Self::Manager(parts.get(..own).unwrap_or(&parts).join(":"), key))
    }
}

pub(super) async fn look(look: &Look<'_>) -> Result<Secrets> {
    let mut wanted: BTreeMap<Place, Vec<(ServiceName, String)>> = BTreeMap::new();
    for (service, running) in &look.env.services {
        for (variable, reference) in &running.service.secrets {
            if let Some(place) = Place::of(&reference.0) {
                wanted.entry(place).or_default().push((service.clone(), variable.clone()));
            }
        }
    }
    let named: BTreeSet<&Place> = wanted.keys().collect();
    let found = try_join_all(named.into_iter().map(|place| async move {
        let found = match place {
            Place::Manager(name, key) => secret(look, name, key.as_deref()).await?,
            Place::Parameter(name) => parameter(look, name).await?,
        };
        Ok::<_, gantry_engine::provider::ProviderError>((place, found))
    }))
    .await?;
    let mut secrets = Secrets::default();
    for (place, found) in found {
        let users = wanted.get(place).into_iter().flatten();
        match found {
            Some(secret) => secrets.secrets.extend(users.map(|user| (user.clone(), secret.clone()))),
            None => secrets.findings.push(missing(look, place, users)),
        }
    }
    Ok(secrets)
}

fn missing<'a>(look: &Look<'_>, place: &Place, users: impl Iterator<Item = &'a (ServiceName, String)>) -> Finding {
    let users: Vec<String> = users.map(|(service, variable)| format!("{variable} of {service}")).collect();
    let (name, what, create) = match place {
        Place::Manager(name, _) => (name, "secret", "aws secretsmanager create-secret --name"),
        Place::Parameter(name) => (name, "parameter", "aws ssm put-parameter --type SecureString --name"),
    };
    let region = &look.aws.region;
    finding(
        format!("there is no {what} {name} in {region} of account {}, for {}", look.aws.account, users.join(", ")),
        format!("make it (`{create} {name} ..`), or name another one in the project file"),
    )
}

/// A secret of Secrets Manager.
async fn secret(look: &Look<'_>, name: &str, key: Option<&str>) -> Result<Option<Secret>> {
    let question = format!("secret {name} of {}", look.aws.account);
    let told = match look.kept.answer(&question) {
        Some(kept) => kept,
        None => match look.aws.secrets.read.describe_secret().secret_id(name).send().await.map_err(trouble) {
            // One that is on its way out can't be read any more (Secrets Manager API reference, `DeletedDate`).
            Ok(there) if there.deleted_date().is_some() => return Ok(None),
            Ok(there) => {
                let Some(arn) = there.arn() else { return Ok(None) };
                let told = format!("{arn} {}", there.kms_key_id().unwrap_or_default());
                look.kept.keep(&question, &told);
                told
            }
            Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    let (arn, kms) = told.split_once(' ').unwrap_or((&told, ""));
    // ECS developer guide, "Passing Secrets Manager secrets": `arn:key:stage:version`.
    let from = key.map_or_else(|| arn.to_owned(), |key| format!("{arn}:{key}::"));
    Ok(Some(Secret { from, key: own_key(look, kms) }))
}

/// A parameter of Systems Manager, by what describes it: reading it would give its value.
async fn parameter(look: &Look<'_>, name: &str) -> Result<Option<Secret>> {
    let question = format!("parameter {name} of {}", look.aws.account);
    if let Some(kept) = look.kept.answer(&question) {
        let (arn, kms) = kept.split_once(' ').unwrap_or((&kept, ""));
        return Ok(Some(Secret { from: arn.to_owned(), key: own_key(look, kms) }));
    }
    // `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`: the name of a path begins with a slash.
    let plain = name.split_once(":parameter").map_or(name, |(_, path)| path);
    let filter = aws_sdk_ssm::types::ParameterStringFilter::builder().key("Name").option("Equals").values(plain);
    let filter = filter.build().map_err(|error| gantry_engine::provider::ProviderError::Invalid(error.to_string()))?;
    let answer = look.aws.ssm.read.describe_parameters().parameter_filters(filter).send().await.map_err(trouble)?;
    let Some(there) = answer.parameters().first() else { return Ok(None) };
    let aws = look.aws;
    let path = plain.trim_start_matches('/');
    let built = || format!("arn:{}:ssm:{}:{}:parameter/{path}", aws.partition, aws.region, aws.account);
    let arn = there.arn().map_or_else(built, ToOwned::to_owned);
    let kms = there.key_id().unwrap_or_default();
    look.kept.keep(&question, &format!("{arn} {kms}"));
    Ok(Some(Secret { from: arn, key: own_key(look, kms) }))
}

/// The ARN of a key that isn't AWS's own; AWS's own needs no permission of the role that reads.
fn own_key(look: &Look<'_>, key: &str) -> Option<String> {
    if key.is_empty() || key.starts_with("alias/aws/") || key.contains(":alias/aws/") {
        return None;
    }
    let aws = look.aws;
    let arn = |rest: &str| format!("arn:{}:kms:{}:{}:{rest}", aws.partition, aws.region, aws.account);
    Some(match key {
        key if key.starts_with("arn:") => key.to_owned(),
        key if key.starts_with("alias/") => arn(key),
        key => arn(&format!("key/{key}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_to_secrets_and_their_keys() {
        let manager = |name: &str, key: Option<&str>| Some(Place::Manager(name.to_owned(), key.map(ToOwned::to_owned)));
        let arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-a1b2c3";
        assert_eq!(Place::of("secretsmanager:shop/db"), manager("shop/db", None));
        assert_eq!(Place::of("secretsmanager:shop/db:password"), manager("shop/db", Some("password")));
        assert_eq!(Place::of(&format!("secretsmanager:{arn}")), manager(arn, None));
        assert_eq!(Place::of(&format!("secretsmanager:{arn}:password::")), manager(arn, Some("password")));
        assert_eq!(Place::of("ssm:/shop/db"), Some(Place::Parameter("/shop/db".to_owned())));
        assert_eq!(Place::of("env:DB"), None);
    }
}
