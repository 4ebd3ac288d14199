//! One word to one thing: names that exist (or may come to exist), versions, counts, operations, releases, targets.
//! It doesn't know where in a command a word stands.

use crate::context::closest;
use crate::error::{ErrorKind, ParseError, What, shown};
use crate::reader::Reader;
use crate::scan::{Span, Token};
use crate::{Context, Qualified, ReleaseNo, TargetName, Vocabulary, Wanted};
use gantry_engine::names::{BadName, EnvName, OpId, ProjectName, ServiceName, Version};
use gantry_engine::schedule::ScheduleId;

/// The most tasks one can ask for: twice what ECS runs in one service (5,000, "Amazon ECS service quotas").
pub(crate) const MAX_COUNT: u32 = 10_000;

/// The longest tag (OCI distribution specification: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`).
const MAX_VERSION: usize = 128;

/// Whether a name has to be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existence {
    /// It has to.
    Known,
    /// It may be made by this very command, if a pattern of the project allows it.
    MayBeNew,
    /// It may be gone, and the project file may have forgotten it.
    Any,
}

/// A kind of name that people use in commands.
pub(crate) trait Named: Sized + Ord + 'static {
    const NOUN: &'static str;
    fn make(text: &str) -> Result<Self, BadName>;
    fn text(&self) -> &str;
    fn known<'a>(vocabulary: &'a Vocabulary, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a Self>;
    fn allowed(&self, _: &Vocabulary, _: Option<&ProjectName>) -> bool {
        false
    }
}

impl Named for ServiceName {
    const NOUN: &'static str = "service";
    fn make(text: &str) -> Result<Self, BadName> {
        Self::new(text)
    }
    fn text(&self) -> &str {
        self.as_str()
    }
    fn known<'a>(vocabulary: &'a Vocabulary, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a Self> {
        vocabulary.services(project)
    }
}

impl Named for EnvName {
    const NOUN: &'static str = "environment";
    fn make(text: &str) -> Result<Self, BadName> {
        Self::new(text)
    }
    fn text(&self) -> &str {
        self.as_str()
    }
    fn known<'a>(vocabulary: &'a Vocabulary, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a Self> {
        vocabulary.environments(project)
    }
    fn allowed(&self, vocabulary: &Vocabulary, project: Option<&ProjectName>) -> bool {
        vocabulary.allows_new(project, self)
    }
}

/// Whether a word is a name of this kind that exists.
pub(crate) fn exists<N: Named>(cx: &Context<'_>, word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let (project, name) = word.split_once('/').map_or((None, word.as_str()), |(project, name)| (Some(project), name));
    let project = project.map(ProjectName::new).transpose();
    project.is_ok_and(|project| N::known(cx.vocabulary, project.as_ref()).any(|known| known.text() == name))
}

/// Reads a name, with its project if that's given.
pub(crate) fn name<N: Named>(
    reader: &Reader<'_>,
    token: &Token<'_>,
    existence: Existence,
) -> Result<Qualified<N>, ParseError> {
    let word = token.word().ok_or_else(|| reader.unexpected(token))?;
    name_in(reader.cx, word, &token.span, existence)
}

fn name_in<N: Named>(
    cx: &Context<'_>,
    word: &str,
    span: &Span,
    existence: Existence,
) -> Result<Qualified<N>, ParseError> {
    // Names are lower-case by rule; phones begin a line with a capital.
    let word = word.to_ascii_lowercase();
    let bad = |why: BadName| ParseError::new(ErrorKind::BadName(tidy(why)), span.clone());
    let unknown = |what, name: &str| {
        let kind = ErrorKind::UnknownName { what, name: name.to_owned() };
        ParseError::new(kind, span.clone())
    };
    let (project, name) = match word.split_once('/') {
        Some((project, name)) => (Some(ProjectName::new(project).map_err(bad)?), name),
        None => (None, word.as_str()),
    };
    if let Some(project) = project.as_ref().filter(|project| !cx.vocabulary.projects().any(|known| known == *project)) {
        let meant = closest(project.as_str(), cx.vocabulary.projects().map(ProjectName::as_str));
        return Err(unknown("project", project.as_str()).suggesting(meant.map(|project| format!("{project}/{name}"))));
    }
    let name = N::make(name).map_err(bad)?;
    let known = |name: &N| N::known(cx.vocabulary, project.as_ref()).any(|known| known == name);
    let new = |name: &N| existence == Existence::MayBeNew && name.allowed(cx.vocabulary, project.as_ref());
    if known(&name) || new(&name) || existence == Existence::Any {
        return Ok(Qualified { project, name });
    }
    let meant = closest(name.text(), N::known(cx.vocabulary, project.as_ref()).map(N::text));
    let meant =
        meant.map(|meant| project.as_ref().map_or_else(|| meant.to_owned(), |project| format!("{project}/{meant}")));
    Err(unknown(N::NOUN, name.text()).suggesting(meant))
}

/// A bad name holds what somebody typed.
fn tidy(why: BadName) -> BadName {
    match why {
        BadName::Empty(what) => BadName::Empty(what),
        BadName::TooLong(what, text) => BadName::TooLong(what, shown(&text)),
        BadName::Shape(what, text) => BadName::Shape(what, shown(&text)),
    }
}

/// Reads a service with its version: `web`, `web:1.4`, `shop/web:sha256:..`.
pub(crate) fn wanted(reader: &Reader<'_>, token: &Token<'_>) -> Result<Wanted, ParseError> {
    let word = token.word().ok_or_else(|| reader.unexpected(token))?;
    let (service, version) = word.split_once(':').map_or((word, None), |(service, version)| (service, Some(version)));
    // What is wrong with the name is marked at the name, where the text is as it was typed.
    let typed = reader.source(&token.span) == word;
    let start = token.span.start;
    let at = |from, to| if typed { start + from..start + to } else { token.span.clone() };
    let service = name_in(reader.cx, service, &at(0, service.len()), Existence::Known).map_err(|mut error| {
        let rest = version.filter(|_| !typed).map(|version| format!(":{version}"));
        error.did_you_mean = error.did_you_mean.map(|meant| meant + rest.as_deref().unwrap_or(""));
        error
    })?;
    let Some(version) = version else { return Ok(Wanted { service, version: None }) };
    if is_version(version) {
        return Ok(Wanted { service, version: Some(Version::new(version)) });
    }
    let kind =
        if version.is_empty() { ErrorKind::Missing(What::Version) } else { ErrorKind::BadVersion(shown(version)) };
    // The colon is marked too: without it, the name alone would be right.
    Err(ParseError::new(kind, at(word.len() - version.len() - 1, word.len())).expecting([":1.4.2", ":sha256:…"]))
}

fn is_version(text: &str) -> bool {
    if let Some(digest) = text.strip_prefix("sha256:") {
        return digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    }
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    first && text.len() <= MAX_VERSION && text.bytes().all(inner)
}

/// A number of ASCII digits, as long as it fits.
fn number(word: &str) -> Option<u64> {
    // `parse` would take a sign too, and refuses what is empty or too large.
    word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse().ok()).flatten()
}

/// Reads how many tasks.
pub(crate) fn count(reader: &Reader<'_>, token: &Token<'_>) -> Result<u32, ParseError> {
    let count = token.word().and_then(number).and_then(|count| u32::try_from(count).ok());
    count.filter(|count| *count <= MAX_COUNT).ok_or_else(|| wrong(reader, token, ErrorKind::BadCount, "5"))
}

/// Whether a word can be nothing but an operation: `op-17`.
pub(crate) fn is_op(word: &str) -> bool {
    let digits = word.get(..3).filter(|head| head.eq_ignore_ascii_case("op-")).map(|_| &word[3..]);
    digits.is_some_and(|digits| number(digits).is_some())
}

/// Reads an operation: `op-17`, `17`, `#17`.
pub(crate) fn op(reader: &Reader<'_>, token: &Token<'_>) -> Result<OpId, ParseError> {
    let digits = token.word().map(|word| match word.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("op-") => &word[3..],
        _ => word.trim_start_matches('#'),
    });
    digits.and_then(number).map(OpId).ok_or_else(|| wrong(reader, token, ErrorKind::BadOperation, "op-17"))
}

/// Reads a schedule: `s-3`, `3`, `#3`.
pub(crate) fn schedule(reader: &mut Reader<'_>) -> Result<ScheduleId, ParseError> {
    let token = reader.value().ok_or_else(|| reader.missing(What::Schedule).expecting(["s-3"]))?;
    reader.take();
    let digits =
        token.word().map(|word| word.trim_start_matches("s-").trim_start_matches("S-").trim_start_matches('#'));
    digits.and_then(number).map(ScheduleId).ok_or_else(|| wrong(reader, token, ErrorKind::BadSchedule, "s-3"))
}

/// The digits of a release's number.
fn release_digits(word: &str) -> &str {
    word.strip_prefix(['r', 'R', '#']).unwrap_or(word)
}

/// Whether a word reads like a release: `12`, `r12`, `#12`.
pub(crate) fn is_release(word: &str) -> bool {
    // `1.4.2` is meant to be one too, and is refused as one; `r2d2` isn't.
    word.starts_with(|c: char| c.is_ascii_digit()) || number(release_digits(word)).is_some()
}

/// Reads a release.
pub(crate) fn release(reader: &Reader<'_>, token: &Token<'_>) -> Result<ReleaseNo, ParseError> {
    let number = token.word().and_then(|word| number(release_digits(word)));
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.map(ReleaseNo).ok_or_else(|| wrong(reader, token, ErrorKind::BadRelease, "r12"))
}

/// Reads a node or a task.
pub(crate) fn target(reader: &Reader<'_>, token: &Token<'_>) -> Result<TargetName, ParseError> {
    let target = token.word().and_then(|word| TargetName::new(word).ok());
    target.ok_or_else(|| wrong(reader, token, ErrorKind::BadTarget, "node-1"))
}

fn wrong(reader: &Reader<'_>, token: &Token<'_>, kind: fn(String) -> ErrorKind, example: &'static str) -> ParseError {
    ParseError::new(kind(shown(reader.source(&token.span))), token.span.clone()).expecting([example])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_tags_and_digests() {
        for good in
            ["1", "1.4.2", "v1_a-b+c", "broken", "Broken", &"a".repeat(128), &format!("sha256:{}", "0a".repeat(32))]
        {
            assert!(is_version(good), "{good}");
        }
        for bad in ["", ".1", "-1", "a b", "a/b", "a:b", "ü", &"a".repeat(129), "sha256:", "sha256:0A", "md5:aa"] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
