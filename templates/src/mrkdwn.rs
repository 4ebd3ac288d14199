//! Slack's formatted text as a type. It is only made by sentences and by escaping, so that what people wrote can't get
//! into a message unescaped.

use crate::clean;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Formatted text that is safe to show. Stored messages are read back as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mrkdwn(String);

impl Mrkdwn {
    /// What a template gave.
    pub(crate) fn rendered(text: String) -> Self {
        Self(text)
    }

    /// What people or tools wrote, on one line, with nothing in it that acts.
    #[must_use]
    pub fn escape(text: &str) -> Self {
        Self(clean::inert(text))
    }

    /// Lines under each other.
    #[must_use]
    pub fn lines<'a>(lines: impl IntoIterator<Item = &'a Self>) -> Self {
        let lines: Vec<&str> = lines.into_iter().map(Self::as_str).filter(|line| !line.is_empty()).collect();
        Self(lines.join("\n"))
    }

    /// One of its lines, from 0.
    #[must_use]
    pub fn line(&self, number: usize) -> Self {
        Self(self.0.lines().nth(number).unwrap_or_default().to_owned())
    }

    /// What is said instead of what doesn't fit: `… and 3 more lines`.
    #[must_use]
    pub fn more(count: usize, what: &str) -> Self {
        let s = if count == 1 { "" } else { "s" };
        Self(format!("… and {count} more {what}{s}"))
    }

    /// The text as Slack takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// How long it is, as [`length`] counts.
    #[must_use]
    pub fn length(&self) -> usize {
        length(&self.0)
    }

    /// At most so long. Whole lines go first; what is left out is counted at the end.
    #[must_use]
    pub fn clip(&self, most: usize) -> Self {
        Self(clip(&self.0, most))
    }
}

impl fmt::Display for Mrkdwn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How long a text is. Slack doesn't say whether its limits count characters or UTF-16 units: the larger number is safe.
#[must_use]
pub fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Room for the words that count what is left out.
const TAIL: usize = 40;

/// At most `most` of a text, as [`length`] counts, cut between lines if that's possible, never inside a `<..>` or an entity, and
/// with a count of what is left out.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(TAIL);
    let head = take_tokens(text, room);
    if let Some((lines, _)) = head.rsplit_once('\n') {
        let left = text[lines.len()..].matches('\n').count();
        return short(format!("{lines}\n{}", Mrkdwn::more(left, "line")), most);
    }
    let left = text[head.len()..].chars().count();
    short(format!("{head}{}", Mrkdwn::more(left, "character")), most)
}

/// Where even the count doesn't fit, the text is cut.
fn short(text: String, most: usize) -> String {
    if length(&text) <= most { text } else { take_tokens(&text, most).to_owned() }
}

/// As many whole tokens as fit: a `<..>`, an entity, or a character.
fn take_tokens(text: &str, room: usize) -> &str {
    let (mut end, mut used) = (0, 0);
    while let Some(first) = text[end..].chars().next() {
        let rest = &text[end..];
        let closer = match first {
            '<' => rest.find('>'),
            '&' => rest.find(';').filter(|at| *at <= 5),
            _ => None,
        };
        let bytes = closer.map_or(first.len_utf8(), |at| at + 1);
        used += length(&rest[..bytes]);
        if used > room {
            break;
        }
        end += bytes;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let lines: Vec<String> = (0..100).map(|n| format!("line {n}")).collect();
        let clipped = clip(&lines.join("\n"), 100);
        assert!(length(&clipped) <= 100);
        let shown = clipped.lines().count() - 1;
        assert!(clipped.ends_with(&format!("… and {} more lines", 100 - shown)), "{clipped}");
        assert_eq!(clip(&"é".repeat(200), 100), format!("{}… and 140 more characters", "é".repeat(60)));
        assert_eq!(clip("short", 100), "short");
    }

    #[test]
    fn a_token_is_never_cut() {
        let text = "a".repeat(58) + "<!date^1^{time}|now> &amp; and more, much more than there is room for";
        assert_eq!(clip(&text, 100).matches('<').count(), 0);
        let text = "a".repeat(58) + "&amp;&amp; and more, much more than there is room for, really";
        assert!(!clip(&text, 100).contains('&'));
    }
}
