//! `approve`: a vote for an operation. Whether it counts, the policy says, not the parser.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Decision, ParseError, Vote};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Approve,
    name: "approve",
    aliases: &[],
    category: Category::Operation,
    summary: "Votes for an operation that waits.",
    usage: "approve [OP] [because REASON]",
    notes: &["In the operation's thread, its number may be left out."],
    examples: &["approve op-17", "approve", "approve op-17 because the plan is what we agreed on"],
    slots: &[Slot::Op],
    clauses: &[Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Decide(Decision { vote: Vote::Approve, op: args.op, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn operations_have_numbers() {
        for text in ["approve op-17", "approve 17", "approve #17", "approve OP-017"] {
            assert_eq!(canonical(text), "approve op-17", "{text}");
        }
        assert_eq!(refusal("approve dev"), "`dev` isn't an operation; they look like `op-17`");
        assert_eq!(
            refusal("approve op-99999999999999999999"),
            "`op-99999999999999999999` isn't an operation; they look like `op-17`"
        );
        assert_eq!(refusal("approve because"), "the reason is missing");
    }
}
