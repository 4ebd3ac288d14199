//! Completion: what could stand at the cursor, from the same slots and clauses that the parser reads by. It suggests;
//! what it suggests is still parsed like anything else.

use crate::args::Slot;
use crate::clause::{Clause, is_keyword};
use crate::scan::{Token, scan};
use crate::{Category, MAX_CHARS, Verb, VerbSpec, Vocabulary};
use gantry_engine::names::{ClusterName, EnvName, ServiceName};
use std::ops::Range;

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to replace, in bytes of the text: the word that was begun, or nothing at the cursor.
    pub replace: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it is, in a few words.
    pub hint: &'static str,
}

/// What could stand at the cursor (a byte of `text`), best first.
#[must_use]
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Vec<Suggestion> {
    let cursor = (0..=cursor.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    if cursor > MAX_CHARS {
        return Vec::new();
    }
    let before = &text[..cursor];
    let scan = scan(before);
    let begun = scan.tokens.last().filter(|token| token.span.end == cursor);
    let done = &scan.tokens[..scan.tokens.len() - usize::from(begun.is_some())];
    let (replace, prefix) = match begun {
        Some(token) => (token.span.clone(), token.word().unwrap_or("").to_ascii_lowercase()),
        None => (cursor..cursor, String::new()),
    };
    let mut candidates = Vec::new();
    next(done, vocabulary, &mut candidates);
    candidates.retain(|(text, _)| text.starts_with(&prefix));
    candidates.into_iter().map(|(text, hint)| Suggestion { replace: replace.clone(), text, hint }).collect()
}

type Candidates = Vec<(String, &'static str)>;

/// What could follow the words so far.
fn next(done: &[Token<'_>], vocabulary: &Vocabulary, out: &mut Candidates) {
    let called = |token: &&Token<'_>| match token.word() {
        Some(word) => word.trim_start_matches(['/', '@']).trim_end_matches(':').eq_ignore_ascii_case("gantry"),
        None => true,
    };
    let done = &done[done.iter().take_while(called).count()..];
    let change = |spec: &VerbSpec| spec.category == Category::Change;
    match leading_verb(done) {
        None if done.is_empty() => out.extend(verbs(|_| true)),
        None => {}
        Some((Verb::Plan, [])) => out.extend(verbs(change)),
        Some((Verb::Plan, rest)) => {
            if let Some((verb, rest)) = leading_verb(rest).filter(|(verb, _)| change(verb.spec())) {
                behind(verb.spec(), rest, vocabulary, out);
            }
        }
        Some((verb, rest)) => behind(verb.spec(), rest, vocabulary, out),
    }
}

/// The verb that the words begin with, and the words behind it.
fn leading_verb<'t, 'a>(words: &'t [Token<'a>]) -> Option<(Verb, &'t [Token<'a>])> {
    let (verb, taken) = Verb::find(words.first()?.word()?, words.get(1).and_then(Token::bare))?;
    Some((verb, &words[taken..]))
}

fn verbs(wanted: impl Fn(&VerbSpec) -> bool) -> impl Iterator<Item = (String, &'static str)> {
    let specs = Verb::ALL.iter().map(|verb| verb.spec()).filter(move |spec| wanted(spec));
    specs.map(|spec| (spec.name.to_owned(), spec.summary))
}

/// What could follow a verb and the words behind it.
fn behind(spec: &VerbSpec, words: &[Token<'_>], vocabulary: &Vocabulary, out: &mut Candidates) {
    let keyword = |token: &Token<'_>| token.bare().filter(|word| is_keyword(word)).map(str::to_ascii_lowercase);
    let clause_of = |word: &str| spec.clauses.iter().find(|clause| clause.keywords().contains(&word));
    let mut used = Vec::new();
    let mut slots = spec.slots;
    let mut open = None;
    for token in words {
        match keyword(token) {
            Some(word) => {
                open = clause_of(&word);
                used.extend(open);
            }
            // A clause's value may have several words; the names behind them are still worth suggesting.
            None if open.take().is_some() => {}
            None if slots != [Slot::Services] => slots = slots.get(1..).unwrap_or(&[]),
            None => {}
        }
    }
    if used.contains(&&Clause::Because) {
        return;
    }
    if let Some(clause) = open {
        // `to` may lead to a number and to a place: then both are suggested.
        let same = |other: &&Clause| other.keywords().iter().any(|word| clause.keywords().contains(word));
        return spec.clauses.iter().filter(same).for_each(|clause| values(*clause, vocabulary, out));
    }
    if let Some(slot) = slots.first() {
        names(*slot, vocabulary, out);
    }
    for clause in spec.clauses.iter().filter(|clause| !used.contains(clause)) {
        out.push((clause.keywords()[0].to_owned(), clause.usage()));
    }
}

fn names(slot: Slot, vocabulary: &Vocabulary, out: &mut Candidates) {
    match slot {
        Slot::Services | Slot::Service => out.extend(services(vocabulary)),
        Slot::Env => out.extend(environments(vocabulary)),
        Slot::Subject | Slot::Happening => out.extend(services(vocabulary).chain(environments(vocabulary))),
        Slot::Verb => out.extend(verbs(|_| true)),
        // Nodes and tasks come and go; what their names begin with stays.
        Slot::Target => {
            let tasks = services(vocabulary).map(|(name, _)| (format!("{name}-"), "a task of this service"));
            let clusters = unique(vocabulary.clusters().map(ClusterName::as_str));
            out.extend(tasks.chain(clusters.map(|name| (format!("{name}-"), "a node of this cluster"))));
        }
        // Numbers and operations aren't in the vocabulary.
        Slot::Count | Slot::Op => {}
    }
}

fn values(clause: Clause, vocabulary: &Vocabulary, out: &mut Candidates) {
    let lengths = ["1h", "8h", "2d"].map(|text| (text.to_owned(), "length"));
    let times = ["18:00", "tomorrow 9am"].map(|text| (text.to_owned(), "time"));
    match clause {
        Clause::Place => out.extend(environments(vocabulary)),
        Clause::For | Clause::By => out.extend(lengths),
        Clause::Until | Clause::At => out.extend(times),
        Clause::Since => out.extend(["10m", "1h"].map(|text| (text.to_owned(), "length"))),
        Clause::WhenFree => out.push(("free".to_owned(), "waits for locks and freezes")),
        Clause::WithVolumes => out.push(("volumes".to_owned(), "deletes the data too")),
        Clause::ToCount
        | Clause::ToRelease
        | Clause::ToPerson
        | Clause::Because
        | Clause::Follow
        | Clause::Unfollow => {}
    }
}

fn services(vocabulary: &Vocabulary) -> impl Iterator<Item = (String, &'static str)> {
    unique(vocabulary.services(None).map(ServiceName::as_str)).map(|name| (name, "service"))
}

fn environments(vocabulary: &Vocabulary) -> impl Iterator<Item = (String, &'static str)> {
    unique(vocabulary.environments(None).map(EnvName::as_str)).map(|name| (name, "environment"))
}

/// Two projects may have the same name.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    let names: std::collections::BTreeSet<_> = names.map(str::to_owned).collect();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::testing::shop;

    fn at_end(text: &str) -> Vec<String> {
        complete(text, text.len(), &shop().vocabulary()).into_iter().map(|suggestion| suggestion.text).collect()
    }

    #[test]
    fn what_can_follow_is_suggested() {
        assert_eq!(at_end("re"), ["restart", "reject", "retry", "resume", "reload"]);
        assert_eq!(at_end("@gantry dep"), ["deploy"]);
        assert_eq!(at_end("deploy a"), ["api"]);
        assert_eq!(at_end("deploy web to "), ["both", "dev", "prod", "staging"]);
        assert_eq!(at_end("deploy web to dev b"), ["both", "because"]);
        assert_eq!(at_end("restart web "), ["in", "when", "because"]);
        assert_eq!(at_end("kill a"), ["api-", "a-"]);
        assert_eq!(at_end("plan tear"), ["teardown"]);
        assert_eq!(at_end("plan teardown s"), ["staging"]);
        assert_eq!(at_end("extend dev by "), ["1h", "8h", "2d"]);
        assert_eq!(at_end("help r"), ["rollback", "restart", "reject", "retry", "resume", "reload"]);
        assert_eq!(at_end("keep dev because d"), [""; 0]);
        assert_eq!(at_end("nonsense d"), [""; 0]);
        assert_eq!(at_end("").len(), Verb::ALL.len());
    }

    #[test]
    fn the_begun_word_is_replaced() {
        let found = complete("deploy we to dev", 9, &shop().vocabulary());
        assert_eq!(found, [Suggestion { replace: 7..9, text: "web".to_owned(), hint: "service" }]);
        assert_eq!(complete("ü", 1, &Vocabulary::new()).len(), Verb::ALL.len());
        assert!(complete("plan ", 999, &Vocabulary::new()).iter().all(|suggestion| suggestion.replace == (5..5)));
    }
}
