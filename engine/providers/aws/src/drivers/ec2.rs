//! What the drivers of Amazon EC2's kinds share: how things are asked for, and their tags.

use crate::marks;
use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use gantry_engine::address::Mark;
use gantry_engine::provider::Handle;

/// Filters that let through what a handle means: by its id where that is known, else by its mark. A filter finds
/// nothing where a list of ids would be refused for one that isn't there (any more).
pub(super) fn which(at: &Handle, id_filter: &str) -> Vec<Filter> {
    match &at.id {
        Some(id) => vec![filter(id_filter, &id.0)],
        None => tagged(&marks::ownership(&at.mark)),
    }
}

/// Filters that let through what carries all of these tags.
pub(super) fn tagged(tags: &[(&'static str, String)]) -> Vec<Filter> {
    tags.iter().map(|(key, value)| filter(&format!("tag:{key}"), value)).collect()
}

pub(super) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The tags of a mark, for a call that creates.
pub(super) fn tag_spec(kind: ResourceType, mark: &Mark) -> TagSpecification {
    let tags = marks::tags(mark).into_iter().map(|(key, value)| tag(key, &value));
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags.collect())).build()
}

pub(super) fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Tags as keys and values.
pub(super) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}
