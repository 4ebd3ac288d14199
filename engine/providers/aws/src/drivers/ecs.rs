//! What the drivers of ECS's kinds share: marks as ECS's tags.

use crate::marks;
use aws_sdk_ecs::types::Tag;
use gantry_engine::address::Mark;

/// A mark as ECS's tags.
pub(super) fn tags(mark: &Mark) -> Vec<Tag> {
    marks::tags(mark).into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// ECS's tags as keys and values.
pub(super) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}

/// Whether tags are those of a mark.
pub(super) fn marked(tags: &[Tag], mark: &Mark) -> bool {
    marks::from_tags(pairs(tags)).as_ref() == Some(mark)
}
