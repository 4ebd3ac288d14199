//! `help`: what can be said, all of it or one verb. The words come from the table; see [`crate::help`].

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Help,
    name: "help",
    aliases: &["?"],
    category: Category::Question,
    summary: "Tells what you may say here, or all about one command.",
    usage: "help [COMMAND | all]",
    notes: &["`help all` shows every command, also those that you may not use."],
    examples: &["help", "help deploy", "help all"],
    slots: &[Slot::Verb],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let all = reader.next_word().is_some_and(|word| word.eq_ignore_ascii_case("all"));
    if all {
        reader.take();
    }
    let verb = Args::read(reader, spec)?.verb;
    Ok(Command::Ask(if all && verb.is_none() { Question::HelpAll } else { Question::Help { verb } }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn about_one_verb_or_all() {
        assert_eq!(canonical("?"), "help");
        assert_eq!(canonical("help tear down"), "help teardown");
        assert_eq!(canonical("Help ALL"), "help all");
        assert_eq!(refusal("help deplyo"), "there's no command `deplyo`; did you mean `deploy`?");
    }
}
