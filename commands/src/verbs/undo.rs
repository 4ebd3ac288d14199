//! `undo`: a new operation that takes back what another one left standing when it ended in the middle.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Undo,
    name: "undo",
    aliases: &[],
    category: Category::Operation,
    summary: "Takes back what an operation left standing that was cancelled, failed or was reverted.",
    usage: "undo [OP] [because REASON]",
    notes: &[
        "In the operation's thread, its number may be left out.",
        "It is an operation of its own, with a plan, and approved like any other: what was created is removed, what was \
         changed is as it was, and what was removed is made again.",
        "Data that was removed can't be brought back; then nothing is begun. Nor where something else was changed since.",
    ],
    examples: &["undo op-17", "undo", "undo op-17 because we wait for the new image"],
    slots: &[Slot::Op],
    clauses: &[Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Control(Control::Undo { op: args.op, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_operation_may_be_the_threads() {
        assert_eq!(canonical("undo"), "undo");
        assert_eq!(canonical("undo 3 because I was wrong"), "undo op-3 because I was wrong");
        assert_eq!(refusal("undo op-1 op-2"), "`op-2` doesn't fit here");
    }
}
