//! What the drivers of Cloud Map's kinds share: tags, which are asked for apart from the things themselves.

use super::{Aws, Result, trouble};
use crate::marks;
use aws_sdk_servicediscovery::types::{NamespaceSummary, NamespaceType, Tag};
use gantry_engine::address::Mark;

/// What isn't found.
pub(super) const MISSING: &[&str] = &["NamespaceNotFound", "ServiceNotFound", "ResourceNotFoundException"];

/// A mark as tags.
pub(super) fn tags(mark: &Mark) -> Vec<Tag> {
    let tag = |(key, value): (&str, String)| Tag::builder().key(key).value(value).build().ok();
    marks::tags(mark).into_iter().filter_map(tag).collect()
}

/// The mark of what has this ARN; none where it has none of ours, or has gone.
pub(super) async fn mark_of(aws: &Aws, arn: &str) -> Result<Option<Mark>> {
    match aws.discovery.read.list_tags_for_resource().resource_arn(arn).send().await.map_err(trouble) {
        Ok(answer) => Ok(marks::from_tags(answer.tags().iter().map(|tag| (tag.key(), tag.value())))),
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Every private DNS namespace of the account and region.
pub(super) async fn namespaces(aws: &Aws) -> Result<Vec<NamespaceSummary>> {
    let pages = aws.discovery.read.list_namespaces().into_paginator().send();
    let pages = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
    let all = pages.into_iter().flat_map(|page| page.namespaces.unwrap_or_default());
    Ok(all.filter(|space| space.r#type() == Some(&NamespaceType::DnsPrivate)).collect())
}
