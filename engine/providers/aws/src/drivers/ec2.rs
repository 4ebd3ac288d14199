//! What the drivers of Amazon EC2's kinds share: how things are asked for, their tags, and what holds up a removal.

use super::{Aws, Result, Trouble, Want, observed, trouble};
use crate::marks;
use aws_sdk_ec2::types::{Filter, NetworkInterface, ResourceType, Tag, TagSpecification};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Progress, ProviderError, Token};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

/// Filters that let through what a handle means: by its id where that is known, else by its mark. A filter finds
/// nothing where a list of ids would be refused for one that isn't there (any more).
pub(super) fn which(at: &Handle, id_filter: &str) -> Vec<Filter> {
    match &at.id {
        Some(id) => vec![filter(id_filter, &id.0)],
        None => tagged(&marks::ownership(&at.mark)),
    }
}

/// Filters that let through what carries all of these tags.
pub(crate) fn tagged(tags: &[(&'static str, String)]) -> Vec<Filter> {
    tags.iter().map(|(key, value)| filter(&format!("tag:{key}"), value)).collect()
}

pub(crate) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The tags of a mark, for a call that creates.
pub(super) fn tag_spec(kind: ResourceType, mark: &Mark) -> TagSpecification {
    let tags = marks::tags(mark).into_iter().map(|(key, value)| tag(key, &value));
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags.collect())).build()
}

/// One more tag for a call that creates.
pub(super) fn with(mut tags: TagSpecification, key: &str, value: &str) -> TagSpecification {
    tags.tags.get_or_insert_default().push(tag(key, value));
    tags
}

pub(super) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Tags as keys and values.
pub(crate) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}

/// Whether tags are a mark's. Filters let nothing else through; what a name or a content led to is checked by this.
pub(super) fn carries(tags: &[Tag], mark: &Mark) -> bool {
    marks::from_tags(pairs(tags)).as_ref() == Some(mark)
}

/// The id in an answer. One without is no answer: what the call did shows at the next look.
pub(super) fn told(id: Option<&str>) -> Result<String> {
    id.map(ToOwned::to_owned).ok_or_else(|| ProviderError::Transient("AWS's answer names no id".to_owned()))
}

/// The client token of a create. A token leads to what it made even when that is gone, so those that it made before and
/// that are gone make it another one.
pub(super) fn token(wanted: &Token, gone: &[&str]) -> String {
    if gone.is_empty() {
        return wanted.0.clone();
    }
    let gone: BTreeSet<&str> = gone.iter().copied().collect();
    hex::encode(&Sha256::digest(format!("{} after {gone:?}", wanted.0))[..16])
}

/// Of what was found for a wish, what is really there. A look by tags may still show what had the same mark before and is
/// gone since; a call that changes nothing but needs the thing itself tells. Nothing else is found by an id.
///
/// # Errors
/// [`ProviderError::NotYet`] where an earlier try may have made it so lately that the call doesn't know of it.
pub(super) async fn alive<S, T>(
    aws: &Aws,
    want: &Want<S>,
    found: Option<T>,
    id: impl Fn(&T) -> Option<&str>,
) -> Result<Option<T>> {
    let Some(by_tags) = found.as_ref().and_then(id).filter(|_| want.at.id.is_none()) else { return Ok(found) };
    if is_there(aws, by_tags, want.mark()).await? {
        return Ok(found);
    }
    want.may_create().map(|()| None)
}

/// Whether something of ours is there, by a call that changes nothing: reads lag behind, calls that change things don't.
pub(super) async fn is_there(aws: &Aws, id: &str, mark: &Mark) -> Result<bool> {
    let same = marks::ownership(mark).into_iter().map(|(key, value)| tag(key, &value)).collect();
    match aws.ec2.set.create_tags().resources(id).set_tags(Some(same)).send().await.map_err(trouble) {
        Ok(_) => Ok(true),
        Err(error) if error.is_missing() => Ok(false),
        // Under a policy that asks for tags, AWS refuses what is gone as if it weren't ours: it has none any more. Lists
        // know better a moment later.
        Err(Trouble { error: ProviderError::Denied(text), .. }) => Err(ProviderError::NotYet(text)),
        Err(error) => Err(error.into()),
    }
}

/// What to say when something was refused to go: the network interfaces in it that services of AWS made go by themselves,
/// minutes after the load balancer, NAT gateway or task that they belong to; any other waits for people.
pub(super) async fn held_up(aws: &Aws, id: &str, within: Filter, refusal: Trouble) -> Result<Progress> {
    lingering(aws, id, within).await?.ok_or_else(|| refusal.into())
}

/// How something goes on to go while such network interfaces are there; none where none is.
pub(super) async fn lingering(aws: &Aws, id: &str, within: Filter) -> Result<Option<Progress>> {
    let call = aws.ec2.read.describe_network_interfaces().filters(within);
    let found = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    let found = found.map_err(trouble)?;
    let Some(first) = found.first() else { return Ok(None) };
    if let Some(stays) = found.iter().find(|interface| interface.requester_managed() != Some(true)) {
        let text = format!("{id} is still in use by {}; it can go when what that belongs to is gone", called(stays));
        return Err(ProviderError::Conflict(text));
    }
    let note = match found.len() {
        1 => format!("{} lingers; AWS removes it within minutes", called(first)),
        several => {
            format!("{several} network interfaces linger ({}, ..); AWS removes them within minutes", called(first))
        }
    };
    Ok(Some(Progress::Pending { seen: observed(id, []), note: Note::Other(note), again: Duration::from_secs(10) }))
}

/// A network interface in people's words.
fn called(interface: &NetworkInterface) -> String {
    let id = interface.network_interface_id().unwrap_or_default();
    match interface.description().filter(|text| !text.is_empty()) {
        Some(text) => format!("network interface {id} ({text})"),
        None => format!("network interface {id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_makes_a_token_another() {
        let wanted = Token("t".to_owned());
        assert_eq!(token(&wanted, &[]), "t");
        assert_ne!(token(&wanted, &["nat-a"]), "t");
        assert_ne!(token(&wanted, &["nat-a"]), token(&wanted, &["nat-a", "nat-b"]));
        assert_eq!(token(&wanted, &["nat-b", "nat-a"]), token(&wanted, &["nat-a", "nat-b"]));
    }
}
