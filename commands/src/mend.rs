//! One example for an error: the speaker's own command, mended, if a small change makes it parse; else the verb's first
//! example with real names in it. It never becomes a command by itself.

use crate::clause::Clause;
use crate::error::{ErrorKind, InstantProblem, ParseError, What};
use crate::reader::read;
use crate::scan::plain;
use crate::{Context, Verb, Vocabulary};
use gantry_engine::names::{EnvName, ServiceName};

/// The longest text that's tried in mended forms. Most commands are below a hundred characters.
const MAX_MENDED: usize = 400;

/// Gives an error its example.
pub(crate) fn with_example(mut error: ParseError, text: &str, cx: &Context<'_>) -> ParseError {
    let mended = if text.len() <= MAX_MENDED { mend(&error, text, cx) } else { None };
    let usual = || local(error.verb.unwrap_or(Verb::Deploy).spec().examples[0], cx.vocabulary);
    error.example = mended.unwrap_or_else(usual);
    error
}

/// The first small change that makes the text parse.
fn mend(error: &ParseError, text: &str, cx: &Context<'_>) -> Option<String> {
    let (before, after) = (text.get(..error.span.start)?, text.get(error.span.end..)?);
    let gap = if error.span.is_empty() { " " } else { "" };
    let put = |word: &str| format!("{before}{gap}{word}{gap}{after}");
    let (meant, expected) = replacements(error);
    let meant = meant.iter().map(|word| put(word));
    let expected = expected.iter().map(|word| put(word));
    let names = [first_service(cx.vocabulary), first_env(cx.vocabulary)];
    let named = names.iter().flatten().map(|name| put(name));
    let left_out = [format!("{before}{after}"), before.to_owned()].into_iter();
    // What has no place is left out first; what is only wrong is first replaced.
    let changes: Vec<_> = if misplaced(&error.kind) {
        meant.chain(left_out).chain(expected).chain(named).collect()
    } else {
        meant.chain(expected).chain(named).chain(left_out).collect()
    };
    changes.into_iter().find_map(|changed| {
        let found = read(&changed, cx).ok()??;
        // A moment's canonical form is long and in UTC; the speaker's own is the better example, unless it was a date
        // that Slack marked up, of which only the label can be shown.
        let own_words = changed.get(found.span.clone()).map(plain).filter(|own| read(own, cx).is_ok());
        Some(own_words.filter(|_| found.command.moment().is_some()).unwrap_or_else(|| found.command.to_string()))
    })
}

/// What was probably meant by the words that are wrong, and what else could stand there.
fn replacements(error: &ParseError) -> (Vec<String>, Vec<&'static str>) {
    let mut meant: Vec<_> = error.did_you_mean.iter().cloned().collect();
    if let ErrorKind::BadInstant(InstantProblem::Ambiguous(both) | InstantProblem::Gap(both)) = &*error.kind {
        meant.push(both.earlier.with_offset());
    }
    // A verb for one that isn't understood would be a guess at what the speaker wants.
    let at_verb = error.verb.is_none() || matches!(*error.kind, ErrorKind::UnknownVerb(_) | ErrorKind::NotAChange(_));
    if at_verb || *error.kind == ErrorKind::Missing(What::Change) {
        return (meant, Vec::new());
    }
    // Words in capitals stand for something else. And no example deletes data that nobody wanted deleted.
    let stands_for = |word: &str| word.bytes().any(|b| b.is_ascii_uppercase());
    let expected = error.expected.iter().filter(|word| !stands_for(word) && **word != Clause::WithVolumes.usage());
    (meant, expected.copied().collect())
}

/// Whether the words at the error are too much, rather than wrong.
fn misplaced(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unexpected(_)
            | ErrorKind::NotHere { .. }
            | ErrorKind::Twice(_)
            | ErrorKind::TwoProjects(..)
            | ErrorKind::SecondLine(_)
            | ErrorKind::NotAChange(_)
    )
}

/// An example from the table with names that exist here.
pub(crate) fn local(example: &str, vocabulary: &Vocabulary) -> String {
    let put = |word: &str| match word {
        "web" if !vocabulary.services(None).any(|name| name.as_str() == word) => {
            first_service(vocabulary).map(str::to_owned)
        }
        "dev" if !vocabulary.environments(None).any(|name| name.as_str() == word) => {
            first_env(vocabulary).map(str::to_owned)
        }
        _ => None,
    };
    let word = |word: &str| {
        let bare = word.trim_matches('"');
        put(bare).map_or_else(|| word.to_owned(), |name| word.replacen(bare, &name, 1))
    };
    example.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn first_service(vocabulary: &Vocabulary) -> Option<&str> {
    vocabulary.services(None).next().map(ServiceName::as_str)
}

fn first_env(vocabulary: &Vocabulary) -> Option<&str> {
    vocabulary.environments(None).next().map(EnvName::as_str)
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::said;

    fn example(text: &str) -> String {
        said(text).expect_err("no command").example
    }

    #[test]
    fn the_speakers_own_words_come_back_mended() {
        assert_eq!(example("<@U1> deploy wbe:1.4 to dev for 8h"), "deploy web:1.4 to dev for 8h");
        assert_eq!(example("deploi web to dev"), "deploy web to dev");
        assert_eq!(example("scale api in staging"), "scale api to 5 in staging");
        assert_eq!(example("extend staging 2h"), "extend staging by 2h");
        assert_eq!(example("restart db prod"), "restart db in prod");
        assert_eq!(example("teardown staging at 25:00"), "teardown staging at 18:00");
        assert_eq!(example("status for 8h"), "status");
        assert_eq!(example("keep dev because"), "keep dev because of a good reason");
        assert_eq!(example("deploy to staging"), "deploy web to staging");
    }

    #[test]
    fn no_example_deletes_data_by_itself() {
        for text in
            ["teardown dev now", "teardown dev with", "teardown dev with pleasure", "teardown dev at 18:00 19:00"]
        {
            let asked = text.contains("with pleasure");
            assert_eq!(example(text).contains("volumes"), asked, "{text}: {}", example(text));
        }
    }

    #[test]
    fn hopeless_text_gets_the_usual_example() {
        assert_eq!(example("good morning everybody"), "deploy web to dev");
        assert_eq!(example("approve of this at once"), "approve");
    }
}
