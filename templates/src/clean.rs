//! Makes text that people or tools wrote fit to stand in a message: no control characters, no terminal colours, no
//! tricks with the direction of writing, nothing that Slack reads as a mention, a link, an emoji or formatting.
//!
//! It changes as little as it can: ordinary words, file names and numbers come out as they went in.

use std::iter::Peekable;
use std::str::Chars;

/// Keeps Slack from seeing a word's beginning, and people don't see it (U+2060 WORD JOINER).
const JOINER: char = '\u{2060}';

/// The text without anything invisible: terminal sequences, control and bidirectional characters. Runs of white space
/// become one space.
#[must_use]
pub fn line(text: &str) -> String {
    let visible = block(text);
    let mut words = visible.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |line, word| line + " " + word)
}

/// Like [`line()`], but line breaks and indentation stay: for logs and other blocks.
#[must_use]
pub fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut chars),
            '\u{9b}' => skip_parameters(&mut chars),
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if c.is_whitespace() => out.push(' '),
            c if is_invisible(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Control characters, marks that turn the direction of writing, and characters of no width (Unicode 16, UAX #9).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What follows an escape character (ECMA-48): a control sequence, a string up to its end, or a single character.
fn skip_sequence(chars: &mut Peekable<Chars<'_>>) {
    match chars.next() {
        Some('[') => skip_parameters(chars),
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' || c == '\u{9c}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    return;
                }
            }
        }
        _ => {}
    }
}

fn skip_parameters(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// The three characters that Slack wants escaped (docs.slack.dev, "Formatting message text").
#[must_use]
pub fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

/// What [`entities`] made, as it was: for places that take plain text, and for terminals.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A line that stands in formatted text: shown as written, and nothing in it formats, mentions, links or rings.
#[must_use]
pub(crate) fn inert(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for (at, c) in text.char_indices() {
        // Slack only looks at these where a word begins or ends.
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let edge = !(inside(before) && inside(text[at + c.len_utf8()..].chars().next()));
        match c {
            '`' => out.push('ˋ'),
            '*' if edge => out.push('∗'),
            '~' if edge => out.push('∼'),
            '_' if edge => out.push('ˍ'),
            '@' if edge => out.extend([c, JOINER]),
            ':' if is_emoji(&text[at + 1..]) => out.extend([c, JOINER]),
            c => out.push(c),
        }
        before = Some(c);
    }
    entities(&out)
}

/// A line that stands between backticks.
#[must_use]
pub(crate) fn in_code(text: &str) -> String {
    entities(&line(text).replace('`', "ˋ"))
}

/// Whether what follows a colon ends an emoji's name.
fn is_emoji(rest: &str) -> bool {
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '+');
    rest.split_once(':')
        .is_some_and(|(name, _)| name.chars().all(in_name) && name.chars().any(|c| c.is_ascii_lowercase() || c == '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_is_left() {
        let hostile = "a\u{1b}[31mred\u{1b}[0m \u{202e}txt\u{202c} \u{1b}]0;title\u{7}b\u{0}\u{200b}\r\nc\td\u{9b}2Je";
        assert_eq!(line(hostile), "ared txt b c de");
        assert_eq!(block("a\n\tb\u{1b}"), "a\n    b");
    }

    #[test]
    fn nothing_in_it_formats_mentions_links_or_rings() {
        assert_eq!(inert("<!channel> <@U1> & `x`"), "&lt;!channel&gt; &lt;@\u{2060}U1&gt; &amp; ˋxˋ");
        assert_eq!(inert("*bold* _it_ ~no~ @here :tada:"), "∗bold∗ ˍitˍ ∼no∼ @\u{2060}here :\u{2060}tada:");
    }

    #[test]
    fn ordinary_words_stay_as_they_are() {
        for text in ["snake_case 2*3 a@b.example 10:30:45", "Grüße, 世界! {{x}} {{{y}}}", "it's 100% \"done\" (ok)"]
        {
            assert_eq!(inert(text), text);
        }
    }
}
