//! One example for an error: the speaker's own command, mended, if a small change makes it parse; else the verb's first
//! example with real names in it. It never becomes a command by itself.

use crate::error::{ErrorKind, ParseError};
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
    // A verb in the place of an unknown one would be a guess at what the speaker wants; a near one is not.
    let expected = if matches!(*error.kind, ErrorKind::UnknownVerb(_)) { &[][..] } else { &error.expected };
    let names = [first_service(cx.vocabulary), first_env(cx.vocabulary)];
    let changes =
        (error.did_you_mean.iter().map(String::as_str))
            .chain(expected.iter().copied())
            .chain(names.iter().flatten().copied())
            .map(|put| {
                if error.span.is_empty() { format!("{before} {put} {after}") } else { format!("{before}{put}{after}") }
            });
    let left_out = || [format!("{before}{after}"), before.to_owned()].into_iter();
    changes.chain(left_out()).find_map(|changed| {
        let found = read(&changed, cx).ok()??;
        // A moment's canonical form is long and in UTC; the speaker's own is the better example.
        let own_words = || changed.get(found.span.clone()).map(plain);
        if found.command.moment().is_some() { own_words() } else { Some(found.command.to_string()) }
    })
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
    example.split(' ').map(|word| put(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
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
        assert_eq!(example("deploy to staging"), "deploy web to staging");
    }

    #[test]
    fn hopeless_text_gets_the_usual_example() {
        assert_eq!(example("good morning everybody"), "deploy web to dev");
        assert_eq!(example("approve of this at once"), "approve");
    }
}
