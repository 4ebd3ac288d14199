//! What the drivers of ECS's kinds share: marks as ECS's tags.

use crate::marks;
use aws_sdk_ecs::types::Tag;
use gantry_engine::address::Mark;
use gantry_engine::provider::ProviderError;

/// A mark as ECS's tags.
pub(super) fn tags(mark: &Mark) -> Vec<Tag> {
    marks::tags(mark).into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// ECS's tags as keys and values.
pub(crate) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().filter_map(|tag| Some((tag.key()?, tag.value()?)))
}

/// Whether tags are those of a mark.
pub(super) fn marked(tags: &[Tag], mark: &Mark) -> bool {
    marks::from_tags(pairs(tags)).as_ref() == Some(mark)
}

/// A text as a tag's value: ECS takes letters, digits, spaces and `+-=._:/@`, at most 256 of them (ECS developer guide,
/// "Tagging your Amazon ECS resources").
pub(crate) fn tag_value(text: &str) -> String {
    let fits = |c: char| if c.is_alphanumeric() || " +-=._:/@".contains(c) { c } else { '_' };
    text.chars().take(256).map(fits).collect()
}

/// A request that can't be put together: a field that has to be there isn't.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` takes")]
pub(super) fn incomplete(error: aws_smithy_types::error::operation::BuildError) -> ProviderError {
    ProviderError::Invalid(format!("a request couldn't be put together: {error}"))
}

/// A number as the SDK wants it; no spec has one that is larger.
pub(super) fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
