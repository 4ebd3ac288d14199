//! Images: whether they are there, and the digest that pins each. A release's image is resolved once: while its task
//! definition stands, that says which it is, wherever the tag has moved since.

use super::{Look, finding, registry};
use crate::drivers::ecs::tag_value;
use crate::drivers::{Place, Result, is_account, trouble};
use crate::marks;
use aws_sdk_ecr::types::ImageIdentifier;
use aws_sdk_ecs::types::{TaskDefinition, TaskDefinitionFamilyStatus, TaskDefinitionField};
use futures::future::try_join_all;
use gantry_engine::environment::Running;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::provider::ProviderError;
use std::collections::BTreeMap;

/// What was found about images.
#[derive(Default)]
pub(super) struct Images {
    pub(super) images: BTreeMap<ServiceName, String>,
    pub(super) findings: Vec<Finding>,
}

pub(super) async fn look(look: &Look<'_>) -> Result<Images> {
    let mut images = Images::default();
    let mut unknown = Vec::new();
    for one in &look.env.services {
        match look.kept.image(&look.env.key, look.env.incarnation, one) {
            Some(image) => drop(images.images.insert(one.0.clone(), image)),
            None => unknown.push(one),
        }
    }
    if unknown.is_empty() {
        return Ok(images);
    }
    let standing = families(look).await?;
    let resolved = try_join_all(unknown.into_iter().map(|one| {
        let family = standing.get(&part(one)).cloned();
        async move { Ok::<_, ProviderError>((one, resolve(look, one, family.as_deref()).await?)) }
    }))
    .await?;
    for (one, image) in resolved {
        match image {
            Ok(None) => {}
            Ok(Some(image)) => {
                look.kept.keep_image(&look.env.key, look.env.incarnation, one, &image);
                images.images.insert(one.0.clone(), image);
            }
            Err(finding) => images.findings.push(finding),
        }
    }
    Ok(images)
}

/// Where a release's task definition is within the environment, as its family says it.
fn part((service, running): (&ServiceName, &Running)) -> String {
    format!("{service}-task-{}", running.release.0)
}

/// The families of the environment's task definitions that stand, by component and part.
async fn families(look: &Look<'_>) -> Result<BTreeMap<String, String>> {
    let key = &look.env.key;
    let prefix = format!("{}-{}-", key.project, key.env);
    let call = look.aws.ecs.read.list_task_definition_families().family_prefix(&prefix);
    let call = call.status(TaskDefinitionFamilyStatus::Active);
    let all =
        call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    // `marks::name` ends with a hash; a later generation of an address has another one.
    let split = |family: String| Some((family.strip_prefix(&prefix)?.rsplit_once('-')?.0.to_owned(), family.clone()));
    Ok(all.into_iter().filter_map(split).collect())
}

async fn resolve(
    look: &Look<'_>,
    one: (&ServiceName, &Running),
    family: Option<&str>,
) -> Result<std::result::Result<Option<String>, Finding>> {
    let (service, running) = one;
    if let Some(family) = family
        && let Some(image) = standing(look, one, family).await?
    {
        return Ok(Ok(Some(image)));
    }
    // That there is none is the lowering's to say.
    let Some(repository) = &running.service.image else { return Ok(Ok(None)) };
    let version = running.version.as_str();
    if version.starts_with("sha256:") {
        return Ok(Ok(Some(format!("{repository}@{version}"))));
    }
    let found = match Ecr::of(repository) {
        Some(ecr) => ecr.digest(look, version).await?,
        None => registry::digest(repository, version).await?,
    };
    Ok(match found {
        registry::Answer::Digest(digest) => Ok(Some(format!("{repository}@{digest}"))),
        registry::Answer::Missing => Err(finding(
            format!("there is no image {repository}:{version}, for {service}"),
            "push it, or deploy a version that is there",
        )),
        registry::Answer::Private => Err(finding(
            format!("{repository} doesn't show {version} to Gantry, for {service}"),
            "push it to ECR in this account, or give its digest as the version (`sha256:..`)",
        )),
    })
}

/// The image that the release's task definition runs, if it is this release's.
async fn standing(look: &Look<'_>, (_, running): (&ServiceName, &Running), family: &str) -> Result<Option<String>> {
    let call = look.aws.ecs.read.describe_task_definition().task_definition(family);
    let answer = match call.include(TaskDefinitionField::Tags).send().await.map_err(trouble) {
        Ok(answer) => answer,
        // It went in between; then it is resolved anew.
        Err(error) if error.is(&["ClientException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let tags: Vec<(&str, &str)> = answer.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))).collect();
    let ours = marks::from_tags(tags.iter().copied()).is_some_and(|mark| {
        (&mark.installation, mark.incarnation, mark.env())
            == (look.installation, look.env.incarnation, look.env.key.clone())
    });
    // A release that was never stored leaves its number to another one.
    let same_version = tags.contains(&(VERSION, tag_value(running.version.as_str()).as_str()));
    let containers = answer.task_definition().map(TaskDefinition::container_definitions).unwrap_or_default();
    let image = containers.first().and_then(|container| container.image());
    let same = |image: &&str| image.split('@').next() == running.service.image.as_deref() && image.contains("@sha256:");
    Ok(image.filter(|image| ours && same_version && same(image)).map(ToOwned::to_owned))
}

/// The tag of a task definition that says which version it runs.
const VERSION: &str = "gantry:version";

/// A repository of Amazon ECR.
#[derive(Debug, PartialEq, Eq)]
struct Ecr<'a> {
    place: Place,
    name: &'a str,
}

impl<'a> Ecr<'a> {
    /// From `<account>.dkr.ecr.<region>.amazonaws.com/<name>` (ECR user guide, "Amazon ECR private registry").
    fn of(repository: &'a str) -> Option<Self> {
        let (host, name) = repository.split_once('/')?;
        let (account, rest) = host.split_once(".dkr.ecr.")?;
        let (region, domain) = rest.split_once('.')?;
        let is_aws = matches!(domain, "amazonaws.com" | "amazonaws.com.cn");
        let place = Place { account: account.to_owned(), region: region.to_owned() };
        (is_aws && is_account(account)).then_some(Self { place, name })
    }

    async fn digest(&self, look: &Look<'_>, tag: &str) -> Result<registry::Answer> {
        let region = aws_sdk_ecr::config::Region::new(self.place.region.clone());
        let call = look.aws.ecr.read.describe_images().registry_id(&self.place.account).repository_name(self.name);
        let call = call.image_ids(ImageIdentifier::builder().image_tag(tag).build());
        let answer = call.customize().config_override(aws_sdk_ecr::config::Builder::new().region(region)).send().await;
        match answer.map_err(trouble) {
            Ok(answer) => {
                let digest = answer.image_details().first().and_then(|image| image.image_digest());
                Ok(digest.map_or(registry::Answer::Missing, |digest| registry::Answer::Digest(digest.to_owned())))
            }
            Err(error) if error.is(&["ImageNotFoundException", "RepositoryNotFoundException"]) => {
                Ok(registry::Answer::Missing)
            }
            // Another account's repository that doesn't let us in.
            Err(error) if error.is(&["RepositoryPolicyNotFoundException"]) => Ok(registry::Answer::Private),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_of_ecr_is_known_by_its_host() {
        let place = Place { account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
        let found = Ecr::of("111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web");
        assert_eq!(found, Some(Ecr { place, name: "shop/web" }));
        for other in ["nginx", "ghcr.io/shop/web", "1.dkr.ecr.eu-central-1.amazonaws.com/web", "public.ecr.aws/a/b"] {
            assert_eq!(Ecr::of(other), None, "{other}");
        }
    }
}
