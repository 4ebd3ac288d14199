//! What the drivers of IAM's kinds share. Everything of ours stands under a path that says whose it is, since IAM's lists
//! can be asked for a path but not for tags.

use super::Listing;
use crate::marks;
use aws_sdk_iam::types::Tag;
use gantry_engine::address::Mark;
use gantry_engine::ports::Whose;

/// The path of what carries a mark (`/gantry/<installation>/<project>/<environment>/`).
pub(super) fn path(mark: &Mark) -> String {
    format!("/gantry/{}/{}/{}/", mark.installation, mark.project, mark.addr.env)
}

/// The path that everything meant stands under.
pub(super) fn list_under(of: &Listing<'_>) -> String {
    match of.of {
        Whose::Env(key) => format!("/gantry/{}/{}/{}/", of.installation, key.project, key.env),
        Whose::Project(project) => format!("/gantry/{}/{project}/", of.installation),
    }
}

/// A mark as IAM's tags.
pub(super) fn tags(mark: &Mark) -> Vec<Tag> {
    let tag = |(key, value): (&str, String)| Tag::builder().key(key).value(value).build().ok();
    marks::tags(mark).into_iter().filter_map(tag).collect()
}

/// IAM's tags as keys and values.
pub(super) fn pairs(tags: &[Tag]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|tag| (tag.key(), tag.value()))
}

/// A text without its percent-encoding.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = || {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        match code().filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_and_nothing_else() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22100%25%22%7D"), "{\"a\": \"100%\"}");
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz"), "%zz");
    }
}
