//! Where in a text an error is, as people see it: the line, and `^^^` below the place. It shows hostile text safely in
//! a monospaced block; escaping `&`, `<` and `>` for Slack is left to whoever sends it there.

use crate::ParseError;
use crate::error::MAX_SHOWN;
use crate::scan::plain;

/// How many bytes on each side of an error are looked at to show its place; cleaning may leave little of them.
const MAX_AROUND: usize = 500;

impl ParseError {
    /// The line of `text` (what was parsed) that the error is in, and `^^^` below the place: two lines for a
    /// monospaced block. Safe for hostile text but for `&`, `<` and `>`, which whoever sends it to Slack escapes.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        let start = floor(text, self.span.start);
        let end = floor(text, self.span.end.max(start));
        // A window first, so that a long text costs no more than a short one.
        let (first, last) =
            (floor(text, start.saturating_sub(MAX_AROUND)), floor(text, end.saturating_add(MAX_AROUND)));
        let end = end.min(floor(text, start.saturating_add(MAX_AROUND)));
        let line_start = text[first..start].rfind('\n').map_or(first, |at| first + at + 1);
        let line_end = text[end..last].find('\n').map_or(last, |at| end + at);
        let clean = |piece: &str| plain(piece).replace('`', "'");
        let gap = |piece: &str, at_end: bool| {
            let edge = if at_end { piece.chars().next_back() } else { piece.chars().next() };
            if edge.is_some_and(char::is_whitespace) { " " } else { "" }
        };
        let before = &text[line_start..start];
        let mut head = clean(before);
        head.push_str(if head.is_empty() { "" } else { gap(before, true) });
        let place = clean(&text[start..end]);
        let after = &text[end..line_end];
        let mut tail = clean(after);
        tail.insert_str(0, if tail.is_empty() { "" } else { gap(after, false) });

        let head = last_chars(&head, MAX_SHOWN);
        let place = first_chars(&place, MAX_SHOWN);
        let tail = first_chars(&tail, MAX_SHOWN);
        let indent = " ".repeat(head.chars().count());
        let marks = "^".repeat(place.chars().count().max(1));
        format!("{head}{place}{tail}\n{indent}{marks}")
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn first_chars(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn last_chars(text: &str, max: usize) -> String {
    let extra = text.chars().count().saturating_sub(max);
    if extra == 0 { text.to_owned() } else { format!("…{}", text.chars().skip(extra).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Span;
    use crate::{ErrorKind, What};

    fn at(span: Span) -> ParseError {
        ParseError::new(ErrorKind::Missing(What::Service), span)
    }

    #[test]
    fn the_caret_points_below_what_people_see() {
        assert_eq!(at(17..19).caret("deploy <@U1|ops> to"), "deploy @ops to\n            ^^");
        assert_eq!(at(6..6).caret("deploy"), "deploy\n      ^");
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_no_panic() {
        assert_eq!(at(99..120).caret("ü"), "ü\n ^");
        assert_eq!(at(1..1).caret("ü"), "ü\n^");
        assert_eq!(at(5..6).caret(""), "\n^");
    }

    #[test]
    fn hostile_text_is_made_harmless() {
        let text = "a\n\u{202e}x ```\u{1b}[31m y\u{7}\nb";
        let from = text.find('y').unwrap();
        assert_eq!(at(from..from + 2).caret(text), "x ''' y\n      ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{} here {}", "a".repeat(500), "b".repeat(500));
        let caret = at(501..505).caret(&text);
        assert!(caret.lines().all(|line| line.chars().count() < 130), "{caret}");
        assert!(caret.contains("a here b"), "{caret}");
    }
}
