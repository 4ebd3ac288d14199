//! `reject`: a vote against an operation. Whether it counts, the policy says, not the parser.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Decision, ParseError, Vote};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Reject,
    name: "reject",
    aliases: &[],
    category: Category::Operation,
    summary: "Votes against an operation that waits, which ends it.",
    usage: "reject [OP] [because REASON]",
    notes: &["In the operation's thread, its number may be left out."],
    examples: &["reject op-17", "reject", "reject op-17 because it would replace the database"],
    slots: &[Slot::Op],
    clauses: &[Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Decide(Decision { vote: Vote::Reject, op: args.op, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn operations_have_numbers() {
        for text in ["reject op-17", "reject 17", "reject #17", "reject OP-017"] {
            assert_eq!(canonical(text), "reject op-17", "{text}");
        }
        assert_eq!(refusal("reject dev"), "`dev` isn't an operation; they look like `op-17`");
        assert_eq!(
            refusal("reject op-99999999999999999999"),
            "`op-99999999999999999999` isn't an operation; they look like `op-17`"
        );
        assert_eq!(refusal("reject because"), "the reason is missing");
    }
}
