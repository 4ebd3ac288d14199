//! The templates, read once, and small helps for putting sentences into messages.

use crate::message::{Block, Message, limit};
use gantry_engine::change::Request;
use gantry_engine::names::EnvKey;
use gantry_templates::{Mrkdwn, Said, Sentence, Templates, Words, clean};
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::sync::OnceLock;

static TEMPLATES: OnceLock<Templates> = OnceLock::new();

/// Speaks in other words from now on. Only before the first word was said: afterwards it is refused.
///
/// # Errors
/// The templates, where something was said already.
pub(crate) fn speak(templates: Templates) -> Result<(), Box<Templates>> {
    TEMPLATES.set(templates).map_err(Box::new)
}

thread_local! {
    static ZONE: RefCell<TimeZone> = const { RefCell::new(TimeZone::UTC) };
}

/// Tells something to somebody of a zone. Slack shows moments in each reader's own; this is the one where it can't
/// (notifications, screen readers). It holds for what is called here and no longer, so that not every sentence has to be
/// handed it.
pub fn in_zone<T>(zone: &TimeZone, tell: impl FnOnce() -> T) -> T {
    struct Before(TimeZone);
    impl Drop for Before {
        fn drop(&mut self) {
            ZONE.set(std::mem::replace(&mut self.0, TimeZone::UTC));
        }
    }
    let _before = Before(ZONE.replace(zone.clone()));
    tell()
}

/// The words of this process: those that come with the program, unless it was told others at its start;
/// [in the zone](in_zone) of whom they are for, else in UTC.
pub(super) fn words() -> Words<'static> {
    Words::new(TEMPLATES.get_or_init(Templates::new), ZONE.with_borrow(TimeZone::clone))
}

/// Lines under each other, in as few sections as they fit into.
pub(super) fn lines<'a>(said: impl IntoIterator<Item = &'a Said>) -> Vec<Block> {
    let mut sections: Vec<Vec<&Mrkdwn>> = Vec::new();
    let mut used = 0;
    for line in said.into_iter().map(|said| &said.mrkdwn).filter(|line| !line.is_empty()) {
        let length = line.length() + 1;
        match sections.last_mut().filter(|_| used + length <= limit::SECTION) {
            Some(section) => section.push(line),
            None => {
                sections.push(vec![line]);
                used = 0;
            }
        }
        used += length;
    }
    sections.into_iter().map(|section| Block::section(Mrkdwn::lines(section))).collect()
}

/// Small print.
pub(super) fn small(said: &Said) -> Block {
    Block::context(said.mrkdwn.clone())
}

/// A message whose sentence is made of some of what it shows.
pub(super) fn message(sentence: &[&Said], blocks: Vec<Block>) -> Message {
    Message::new(&Said::sentences(sentence.iter().copied()).text, blocks)
}

/// A sentence as a label: plain text that Slack doesn't read as anything.
pub(super) fn label(sentence: &impl Sentence) -> String {
    plain(&words().say(sentence))
}

/// Where Slack wants plain text, nothing is escaped.
pub(super) fn plain(said: &Said) -> String {
    clean::plain(said.text.as_str())
}

/// An environment as a command names it wherever it is said.
pub(super) fn full(key: &EnvKey) -> String {
    key.to_string()
}

/// An environment as an operation's request calls it: with its project where the installation has several.
pub(super) fn called(request: &Request) -> String {
    let full = full(&request.key);
    if request.words.split(' ').any(|word| word == full) { full } else { request.key.env.to_string() }
}

/// A name's place in an order that has `node-2` before `node-10`.
pub(super) fn natural(name: &str) -> (String, u64) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.to_owned(), name[stem.len()..].parse().unwrap_or(0))
}

/// The first `most` of a list as texts, and how many there are besides.
pub(super) fn few<T: ToString>(all: impl IntoIterator<Item = T>, most: usize) -> (Vec<String>, usize) {
    let mut all = all.into_iter();
    let shown = all.by_ref().take(most).map(|item| item.to_string()).collect();
    (shown, all.count())
}
