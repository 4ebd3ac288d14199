//! `about`: one operation, with all that happened to it. In a thread it is the thread's; a message's menu says it, too.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::About,
    name: "about",
    aliases: &[],
    category: Category::Question,
    summary: "Tells how an operation is, and what happened to it.",
    usage: "about [OP]",
    notes: &[
        "In the operation's thread, its number may be left out. A message's menu asks the same.",
        "Who may see an environment's `history` may ask.",
    ],
    examples: &["about op-17", "about"],
    slots: &[Slot::Op],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let op = Args::read(reader, spec)?.op;
    Ok(Command::Ask(Question::About { op }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn an_operation_or_the_threads() {
        assert_eq!(canonical("about 17"), "about op-17");
        assert_eq!(canonical("About?"), "about");
        assert_eq!(refusal("about dev"), "`dev` isn't an operation; they look like `op-17`");
    }
}
