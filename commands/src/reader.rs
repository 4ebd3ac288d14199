//! The reader: walks over a line's tokens and finds the verb. The verbs' own files say what comes after it.

use crate::clause::is_keyword;
use crate::context::closest;
use crate::error::{ErrorKind, ParseError, What, shown};
use crate::mend;
use crate::scan::{Kind, MAX_CHARS, Scan, Span, Token, plain, scan};
use crate::{Change, Command, Context, Question, Reason, Verb, VerbSpec};

/// Reads one command.
///
/// `Ok(None)`: nothing was said to us. The text is empty, holds only quotes, or starts with somebody else's mention.
/// Our mention (or `/gantry`) alone asks for help.
///
/// # Errors
/// [`ParseError`] says where, what was expected and what was probably meant, and gives one example that works.
pub fn parse(text: &str, cx: &Context<'_>) -> Result<Option<Command>, ParseError> {
    match read(text, cx) {
        Ok(found) => Ok(found.map(|found| found.command)),
        Err(error) => Err(mend::with_example(error, text, cx)),
    }
}

/// A command, and where in the text its verb starts and its line ends.
pub(crate) struct Found {
    pub(crate) command: Command,
    pub(crate) span: Span,
}

pub(crate) fn read(text: &str, cx: &Context<'_>) -> Result<Option<Found>, ParseError> {
    // Bytes are quick to count and never fewer than characters.
    if text.len() > MAX_CHARS {
        let chars = text.chars().count();
        if chars > MAX_CHARS {
            return Err(ParseError::new(ErrorKind::TooLong(chars), 0..0));
        }
    }
    let mut scan = scan(text);
    if let Some(me) = &cx.me {
        // `status @gantry`: our mention calls us wherever it stands. The first decides whom the text is for.
        let mut first = true;
        scan.tokens.retain(|token| std::mem::take(&mut first) || token.kind != Kind::User(me.as_str()));
    }
    let mut reader = Reader::new(text, &scan, cx);
    match reader.address() {
        Address::Nobody => return Ok(None),
        Address::UsAlone => {
            let command = Command::Ask(Question::Help { verb: None });
            return Ok(Some(Found { command, span: text.len()..text.len() }));
        }
        Address::Us => {}
    }
    let start = reader.position();
    let command = reader.command()?;
    reader.no_second_line()?;
    let span = start..reader.tokens.get(reader.end.saturating_sub(1)).map_or(start, |token| token.span.end);
    Ok(Some(Found { command, span }))
}

enum Address {
    /// Nothing said, or not to us.
    Nobody,
    /// Our name and nothing else.
    UsAlone,
    /// A command follows.
    Us,
}

/// A walk over the tokens of one line.
pub(crate) struct Reader<'r> {
    pub(crate) cx: &'r Context<'r>,
    text: &'r str,
    scan: &'r Scan<'r>,
    tokens: &'r [Token<'r>],
    at: usize,
    /// Where the line ends, in tokens.
    end: usize,
    /// Where the last verb ends, in bytes.
    verb_end: usize,
    /// Whether it ends with a `!`.
    bypass: bool,
    /// Where the last quotation that was taken ends, in bytes: its quotes needn't be part of a token.
    taken_to: usize,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(text: &'r str, scan: &'r Scan<'r>, cx: &'r Context<'r>) -> Self {
        let mut reader =
            Self { cx, text, scan, tokens: &scan.tokens, at: 0, end: 0, verb_end: 0, bypass: false, taken_to: 0 };
        reader.find_end();
        reader
    }

    fn find_end(&mut self) {
        let line = self.tokens.get(self.at).map(|token| token.line);
        let same = self.tokens[self.at..].iter().take_while(|token| Some(token.line) == line).count();
        self.end = self.at + same;
    }

    /// Takes the words that call us, and tells whether the text is for us.
    fn address(&mut self) -> Address {
        if self.tokens.is_empty() {
            return Address::Nobody;
        }
        while let Some(token) = self.tokens.get(self.at) {
            let name = token.bare().map_or("", |word| word.trim_start_matches(['/', '@']).trim_end_matches(':'));
            match &token.kind {
                Kind::User(id) if self.cx.me.as_ref().is_some_and(|me| me.as_str() != *id) => return Address::Nobody,
                Kind::User(_) => {}
                _ if name.eq_ignore_ascii_case("gantry") => {}
                _ => break,
            }
            self.at += 1;
        }
        self.find_end();
        if self.at == self.tokens.len() { Address::UsAlone } else { Address::Us }
    }

    /// Reads a verb and what belongs to it.
    fn command(&mut self) -> Result<Command, ParseError> {
        let spec = self.verb()?.spec();
        let command = self.command_of(spec)?;
        if matches!(&command, Command::Change(Change { bypass: true, because: None, .. })) {
            let mut error = self.missing(What::Reason).expecting(["because of a good reason"]);
            error.verb = Some(spec.verb);
            return Err(error);
        }
        Ok(command)
    }

    /// Reads what belongs to a verb.
    pub(crate) fn command_of(&mut self, spec: &'static VerbSpec) -> Result<Command, ParseError> {
        (spec.parse)(self, spec).map_err(|mut error| {
            error.verb = error.verb.or(Some(spec.verb));
            error
        })
    }

    /// Takes a verb: one word, or two as in `tear down`.
    pub(crate) fn verb(&mut self) -> Result<Verb, ParseError> {
        let Some(token) = self.peek() else { return Err(self.missing(What::Verb).expecting(names())) };
        let Some(word) = token.word() else { return Err(self.unexpected(token).expecting(names())) };
        if let Some((verb, words)) = Verb::find(word, self.after_next_word()) {
            self.at += words;
            self.verb_end = self.before();
            let said = self.source(&self.tokens[self.at - 1].span);
            self.bypass = said.trim_end_matches(['"', '\'', '*', '`']).ends_with('!');
            return Ok(verb);
        }
        let all = Verb::ALL.iter().flat_map(|verb| verb.spec().words());
        let kind = ErrorKind::UnknownVerb(shown(self.source(&token.span)));
        Err(ParseError::new(kind, token.span.clone()).expecting(names()).suggesting(closest(word, all)))
    }

    /// Whether the verb was said with a `!`: nobody's word is to be waited for.
    pub(crate) fn bypasses(&self) -> bool {
        self.bypass
    }

    fn no_second_line(&self) -> Result<(), ParseError> {
        let (Some(first), Some(last)) = (self.tokens.get(self.end), self.tokens.last()) else { return Ok(()) };
        let span = first.span.start..last.span.end;
        Err(ParseError::new(ErrorKind::SecondLine(shown(self.source(&first.span))), span))
    }

    /// The next token of the line.
    pub(crate) fn peek(&self) -> Option<&'r Token<'r>> {
        self.tokens[..self.end].get(self.at)
    }

    /// The next token, if it isn't a keyword: something that a clause or a verb may take.
    pub(crate) fn value(&self) -> Option<&'r Token<'r>> {
        self.peek().filter(|token| !token.bare().is_some_and(is_keyword))
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Option<&'r Token<'r>> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Takes so many tokens, which are known to be there.
    pub(crate) fn skip(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
    }

    /// The next token's word, unless it's quoted.
    pub(crate) fn next_word(&self) -> Option<&'r str> {
        self.peek().and_then(|token| token.bare())
    }

    /// The word after that.
    pub(crate) fn after_next_word(&self) -> Option<&'r str> {
        self.word_at(1)
    }

    /// The word so many tokens after the next.
    pub(crate) fn word_at(&self, ahead: usize) -> Option<&'r str> {
        self.tokens[..self.end].get(self.at + ahead).and_then(|token| token.bare())
    }

    /// Takes all that's left of the line, as people see it.
    pub(crate) fn rest_of_line(&mut self) -> Option<Reason> {
        let last = self.tokens.get(self.at.checked_sub(1)?)?;
        let pieces = self.scan.rest(last.line, last.span.end).map(|span| plain(&self.text[span]));
        let text = pieces.collect::<Vec<_>>().join(" ");
        self.at = self.end;
        Reason::new(&text)
    }

    /// Takes what stands between quotes here, and gives its place without them.
    pub(crate) fn quoted(&mut self) -> Option<Span> {
        const DOUBLE: [char; 6] = ['"', '“', '”', '„', '«', '»'];
        let line_end = self.tokens[..self.end].last()?.span.end;
        let line = self.text.get(self.before()..line_end)?;
        let start = self.before() + line.len() - line.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        let opening = self.text[start..].chars().next()?;
        let closes = |c: char| if opening == '`' { c == '`' } else { DOUBLE.contains(&c) };
        if !closes(opening) {
            return None;
        }
        let inner = start + opening.len_utf8();
        // Punctuation alone is no token, so the closing quote may stand behind the last one.
        let line_end = self.text[inner..].find('\n').map_or(self.text.len(), |end| inner + end);
        let length = self.text[inner..line_end].find(closes)?;
        let (end, quote) = (inner + length, self.text[inner + length..].chars().next()?.len_utf8());
        let behind = self.tokens[self.at..self.end].iter().take_while(|token| token.span.start < end + quote);
        let taken = behind.count();
        // A word that goes on behind the quote isn't quoted.
        let last = self.tokens.get((self.at + taken).checked_sub(1)?)?;
        if taken > 0 && last.span.end > end + quote || self.text[inner..end].contains("```") {
            return None;
        }
        self.at += taken;
        self.taken_to = end + quote;
        Some(inner..end)
    }

    /// Refuses what still stands on the line.
    pub(crate) fn nothing_more(&self) -> Result<(), ParseError> {
        self.peek().map_or(Ok(()), |token| Err(self.unexpected(token)))
    }

    /// Reads with another context, from here on.
    pub(crate) fn within<T>(&mut self, cx: &Context<'_>, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let Self { text, scan, tokens, at, end, verb_end, taken_to, .. } = *self;
        let mut inner = Reader { cx, text, scan, tokens, at, end, verb_end, bypass: false, taken_to };
        let found = read(&mut inner);
        self.at = inner.at;
        found
    }

    /// Where the next token starts, or where one would.
    pub(crate) fn position(&self) -> usize {
        self.peek().map_or_else(|| self.before(), |token| token.span.start)
    }

    /// Where the last token that was taken ends.
    pub(crate) fn before(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.map_or(0, |token| token.span.end).max(self.taken_to)
    }

    /// The original text of a place.
    pub(crate) fn source(&self, span: &Span) -> &'r str {
        self.text.get(span.clone()).unwrap_or("")
    }

    /// Something is missing right behind the verb.
    pub(crate) fn missing_first(&self, what: What) -> ParseError {
        ParseError::new(ErrorKind::Missing(what), self.verb_end..self.verb_end)
    }

    /// Something is missing here.
    pub(crate) fn missing(&self, what: What) -> ParseError {
        let at = self.before();
        ParseError::new(ErrorKind::Missing(what), at..at)
    }

    /// A token that nothing here takes.
    pub(crate) fn unexpected(&self, token: &Token<'_>) -> ParseError {
        ParseError::new(ErrorKind::Unexpected(shown(self.source(&token.span))), token.span.clone())
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    Verb::ALL.iter().map(|verb| verb.name())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Vocabulary;
    use jiff::tz::TimeZone;

    /// Runs a piece of the parser over a text, with no names, in Berlin on Friday 2026-11-20 at 10:00.
    pub(crate) fn reading<T>(text: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let vocabulary = Vocabulary::new();
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX time zone");
        let now = "2026-11-20T09:00:00Z".parse().expect("a moment");
        let cx = Context { now, zone, vocabulary: &vocabulary, me: None };
        let scan = scan(text);
        read(&mut Reader::new(text, &scan, &cx))
    }
}
