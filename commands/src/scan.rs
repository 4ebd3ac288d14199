//! Slack's text to tokens: mentions, links and dates become what they are, entities are decoded, smart quotes, long
//! dashes and invisible characters are tidied, quoted blocks are left out. It knows no verb and no name.
//!
//! The forms are those of <https://docs.slack.dev/messaging/formatting-message-text>: `<@U..|name>`, `<#C..|name>`,
//! `<!here>`, `<!date^..^..|text>`, `<url|label>`, and `&amp;`, `&lt;`, `&gt;` for the three characters.

use std::borrow::Cow;
use std::ops::Range;

/// The longest text that's read, in characters: what Slack asks clients to keep messages to ("limit messages to 4,000
/// characters", chat.postMessage). A command is a line; a longer text is something else.
pub const MAX_CHARS: usize = 4_000;

/// A range of bytes in the original text.
pub(crate) type Span = Range<usize>;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) span: Span,
    /// The line of the text that it stands on.
    pub(crate) line: usize,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// A word. `quoted`: it stood between backticks, so it's a name even where it looks like a keyword.
    Word { text: Cow<'a, str>, quoted: bool },
    /// A person, by the id Slack gave.
    User(&'a str),
    /// A moment, in seconds since 1970.
    Date(i64),
    /// A channel, a group, `@here` and the like.
    Other,
}

impl Token<'_> {
    /// The word, unless it's something else.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The word, if it may be a keyword.
    pub(crate) fn bare(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word { text, quoted: false } => Some(text),
            _ => None,
        }
    }
}

/// A text's tokens, and what parts of it were read.
#[derive(Debug, Default)]
pub(crate) struct Scan<'a> {
    pub(crate) tokens: Vec<Token<'a>>,
    /// Stretches of the text outside of quoted blocks, each with its line.
    stretches: Vec<(usize, Span)>,
}

impl Scan<'_> {
    /// The stretches of one line from a byte on.
    pub(crate) fn rest(&self, line: usize, from: usize) -> impl Iterator<Item = Span> {
        let of_line = self.stretches.iter().filter(move |(at, span)| *at == line && span.end > from);
        of_line.map(move |(_, span)| span.start.max(from)..span.end)
    }
}

/// Splits a text into tokens. Quotes (lines that start with `>`, all that follows `>>>`) and blocks of code between
/// three backticks are left out.
pub(crate) fn scan(text: &str) -> Scan<'_> {
    let mut scan = Scan::default();
    let (mut fenced, mut start) = (false, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let line_start = start;
        start += line.len();
        let opening = line.trim_start();
        if !fenced {
            if [">>>", "&gt;&gt;&gt;"].iter().any(|mark| opening.starts_with(mark)) {
                break;
            }
            if opening.starts_with('>') || opening.starts_with("&gt;") {
                continue;
            }
        }
        let mut at = line_start;
        for (n, part) in line.split("```").enumerate() {
            if n > 0 {
                fenced = !fenced;
                at += 3;
            }
            if !fenced {
                tokens(text, at..at + part.len(), number, &mut scan.tokens);
                scan.stretches.push((number, at..at + part.len()));
            }
            at += part.len();
        }
    }
    scan
}

fn tokens<'a>(text: &'a str, stretch: Span, line: usize, out: &mut Vec<Token<'a>>) {
    let mut at = stretch.start;
    while let Some(next) = text[at..stretch.end].chars().next() {
        if is_gap(next) {
            at += next.len_utf8();
            continue;
        }
        let start = at;
        let rest = &text[at..stretch.end];
        let kind = match form(rest) {
            Some(Form { len, what }) if !matches!(what, What::Text(_)) => {
                at += len;
                Some(match what {
                    What::User { id, .. } => Kind::User(id),
                    What::Date { seconds, .. } => Kind::Date(seconds),
                    What::Text(_) | What::Other { .. } => Kind::Other,
                })
            }
            _ => {
                let len = word_len(rest);
                at += len;
                word(&rest[..len])
            }
        };
        out.extend(kind.map(|kind| Token { kind, span: start..at, line }));
    }
}

/// Commas separate like spaces: `web, api`, `fri, 18:00`.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c == ','
}

/// How far a word goes: to the next gap or mention. A link inside it is part of it (Slack links what looks like a host name).
fn word_len(rest: &str) -> usize {
    let mut at = 0;
    while let Some(next) = rest[at..].chars().next() {
        if is_gap(next) {
            break;
        }
        at += match form(&rest[at..]) {
            Some(Form { len, what: What::Text(_) }) => len,
            Some(_) if at > 0 => break,
            _ => next.len_utf8(),
        };
    }
    at
}

/// A word as it was meant. `None`: punctuation that stands alone.
fn word(raw: &str) -> Option<Kind<'_>> {
    let plain_byte = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b':' | b'_' | b'+' | b'-' | b'.' | b'#');
    let simple = raw.bytes().all(|b| plain_byte(&b));
    let decoded = if simple { Cow::Borrowed(raw) } else { Cow::Owned(decode(raw).chars().map(straight).collect()) };
    // Quotes, and Slack's mark for bold text. Struck text (`~web~`) isn't read as if it stood.
    let trimmed = decoded.trim_matches(['"', '\'', '*']);
    if is_emoji(trimmed) {
        return None;
    }
    let inner = trimmed.strip_prefix('`').and_then(|text| text.strip_suffix('`')).filter(|text| !text.contains('`'));
    if let Some(name) = inner.filter(|name| !name.is_empty()) {
        return Some(Kind::Word { text: Cow::Owned(name.to_owned()), quoted: true });
    }
    let tidy = punctuation(trimmed.trim_matches('`'));
    if tidy.is_empty() || tidy.bytes().all(|b| matches!(b, b'-' | b':' | b'.' | b'&')) {
        return None;
    }
    let text = match decoded {
        Cow::Borrowed(raw) => Cow::Borrowed(punctuation(raw)),
        Cow::Owned(_) if tidy.contains('`') => Cow::Owned(tidy.replace('`', "")),
        Cow::Owned(_) => Cow::Owned(tidy.to_owned()),
    };
    Some(Kind::Word { text, quoted: false })
}

/// Whether a word is an emoji as Slack writes it: `:rocket:`, `:+1:`, `:wave::skin-tone-2:`.
fn is_emoji(word: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'+' | b'-' | b'\'' | b':');
    word.len() > 2 && word.starts_with(':') && word.ends_with(':') && word.bytes().all(inner)
}

/// Leaves out what people put around words: a sentence's end, dashes before a word (`--for`, and what phones make of it).
/// A version may hold dots, so a word with a colon keeps its last one.
fn punctuation(word: &str) -> &str {
    let ended = word.trim_end_matches(['!', ';', '?']);
    let ended = if ended.contains(':') { ended } else { ended.trim_end_matches('.') };
    let undashed = ended.trim_start_matches('-');
    let ended = if undashed.starts_with(|c: char| c.is_ascii_alphabetic()) { undashed } else { ended };
    // A lone `?` asks for help.
    if ended.is_empty() && word.starts_with('?') { "?" } else { ended }
}

/// A piece of text that Slack marked up.
struct Form<'a> {
    len: usize,
    what: What<'a>,
}

enum What<'a> {
    User { id: &'a str, label: &'a str },
    Date { seconds: i64, label: &'a str },
    Other { mark: &'a str, label: &'a str },
    Text(&'a str),
}

/// The marked-up piece that a text starts with. A `<` that opens none is only a character.
fn form(text: &str) -> Option<Form<'_>> {
    let body = text.strip_prefix('<')?;
    let end = body.find(['>', '<', '\n']).filter(|end| body[*end..].starts_with('>'))?;
    let (target, label) = body[..end].split_once('|').unwrap_or((&body[..end], ""));
    let or_target = |target| if label.is_empty() { target } else { label };
    let mut chars = target.chars();
    let what = match (chars.next()?, chars.as_str()) {
        ('@', id) if is_id(id) => What::User { id, label: or_target(id) },
        ('#', id) if is_id(id) => What::Other { mark: "#", label: or_target(id) },
        ('!', command) => {
            match command.strip_prefix("date^").map(|date| date.split('^').next().unwrap_or("").parse()) {
                Some(Ok(seconds)) => What::Date { seconds, label: or_target("") },
                _ => What::Other { mark: if label.starts_with('@') { "" } else { "@" }, label: or_target(command) },
            }
        }
        _ if ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| target.starts_with(scheme)) => {
            What::Text(or_target(target))
        }
        _ => return None,
    };
    Some(Form { len: end + 2, what })
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Slack's text as people see it, on one line: forms become their labels, entities their characters, invisible
/// characters go. It's still hostile text: whoever shows it in Slack escapes it.
#[must_use]
pub fn plain(text: &str) -> String {
    tidy_spaces(&decode(text))
}

/// A text that is not Slack's, on one line and without invisible characters.
pub(crate) fn tidy(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((c, len)) = visible_char(rest) {
        visible.extend(c);
        rest = &rest[len..];
    }
    tidy_spaces(&visible)
}

fn tidy_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Decodes forms and entities, and leaves out the invisible.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(Form { len, what }) = form(rest) {
            let (mark, label) = match what {
                What::User { label, .. } => ("@", label),
                What::Date { label, .. } | What::Text(label) => ("", label),
                What::Other { mark, label } => (mark, label),
            };
            out.push_str(mark);
            out.push_str(&decode_flat(label));
            rest = &rest[len..];
        } else {
            let (c, len) = decoded_char(rest);
            out.extend(c);
            rest = &rest[len..];
        }
    }
    out
}

/// As [`decode`], inside of a form's label, where no form can be.
fn decode_flat(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (c, len) = decoded_char(rest);
        out.extend(c);
        rest = &rest[len..];
    }
    out
}

/// The first character of a text that isn't empty, decoded, and how many bytes it took.
fn decoded_char(text: &str) -> (Option<char>, usize) {
    for (entity, c) in [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')] {
        if text.starts_with(entity) {
            return (Some(c), entity.len());
        }
    }
    let (c, len) = visible_char(text).unwrap_or((None, text.len()));
    (c, len)
}

/// What phones and word processors make of plain quotes and hyphens, made plain again.
fn straight(c: char) -> char {
    match c {
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '‘' | '’' | '‚' | '‛' | '′' => '\'',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        c => c,
    }
}

/// The first character (`None` if people can't see it) and how many bytes it took. A terminal's control sequence
/// (ECMA-48: ESC `[` .. final byte) goes as a whole.
fn visible_char(text: &str) -> Option<(Option<char>, usize)> {
    let c = text.chars().next()?;
    if let Some(sequence) = text.strip_prefix("\u{1b}[") {
        let inner = sequence.bytes().take_while(|b| (0x20..=0x3f).contains(b)).count();
        let last = usize::from(sequence.as_bytes().get(inner).is_some_and(|b| (0x40..=0x7e).contains(b)));
        return Some((None, 2 + inner + last));
    }
    Some(((!is_invisible(c)).then_some(c), c.len_utf8()))
}

/// A text without what people can't see.
pub(crate) fn visible(mut text: &str) -> String {
    let mut seen = String::new();
    while let Some((c, len)) = visible_char(text) {
        seen.extend(c.map(|c| if c.is_control() { ' ' } else { c }));
        text = text.get(len..).unwrap_or_default();
    }
    seen
}

/// Characters that show nothing, or that change how others show: controls, joiners, direction marks (Unicode
/// Default_Ignorable_Code_Point and Bidi_Control, the ranges that text from chat can hold).
fn is_invisible(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    ignorable || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let tokens = scan(text).tokens;
        tokens.iter().map(|token| token.word().map_or_else(|| format!("{:?}", token.kind), str::to_owned)).collect()
    }

    #[test]
    fn slacks_forms_become_what_they_are() {
        assert_eq!(words("<@U1|ops> web:<http://v1.io|v1.io> <#C1|dev>"), ["User(\"U1\")", "web:v1.io", "Other"]);
        assert_eq!(words("<!date^1700000000^{date}|then>,<https://a.b>"), ["Date(1700000000)", "https://a.b"]);
        assert_eq!(words("a < b <@> <x|y> <@U1"), ["a", "<", "b", "<@>", "<x|y>", "<@U1"]);
        assert_eq!(words("&lt;@U1&gt; a&amp;b &amp; c"), ["<@U1>", "a&b", "c"]);
    }

    #[test]
    fn what_phones_do_is_undone() {
        assert_eq!(words("“web” ‘api’ —for 8h — –because"), ["web", "api", "for", "8h", "because"]);
        assert_eq!(words("pr–12\u{a0}we\u{200b}b \u{1b}[31mred\u{1b}[0m"), ["pr-12", "web", "red"]);
        assert_eq!(words("*deploy* ~web~ :rocket: :wave::skin-tone-2: :1"), ["deploy", "~web~", ":1"]);
        assert_eq!(words("status? ok! web. web:1.2. -5 ?"), ["status", "ok", "web", "web:1.2.", "-5", "?"]);
    }

    #[test]
    fn quotes_and_code_blocks_are_left_out() {
        assert_eq!(words("> deploy a\n&gt; b\nstatus\n>>> x\ny"), ["status"]);
        assert_eq!(words("a ```b\nc``` d ``` e"), ["a", "d"]);
        assert_eq!(words("`deploy web to dev`"), ["deploy", "web", "to", "dev"]);
    }

    #[test]
    fn a_word_between_backticks_is_a_name() {
        let tokens = scan("`to` to `web`:1").tokens;
        assert_eq!(tokens[0].bare(), None);
        assert_eq!(tokens[0].word(), Some("to"));
        assert_eq!(tokens[1].bare(), Some("to"));
        assert_eq!(tokens[2].bare(), Some("web:1"));
    }

    #[test]
    fn plain_text_is_what_people_see() {
        assert_eq!(
            plain("<@U1|ops> saw <http://x|this>\n in <#C1> &amp;amp; <!here>"),
            "@ops saw this in #C1 &amp; @here"
        );
        assert_eq!(plain("\u{202e}evil\u{0} <!subteam^S1|@ops>"), "evil @ops");
    }
}
