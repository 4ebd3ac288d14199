//! `resume`: the words of an operation that ended in the middle, said again by whoever wants it now.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Resume,
    name: "resume",
    aliases: &[],
    category: Category::Operation,
    summary: "Goes on with an operation that was cancelled, failed or was reverted: says its words again.",
    usage: "resume [OP] [because REASON]",
    notes: &[
        "In the operation's thread, its number may be left out.",
        "It is an operation of its own, with a plan of what is still to do. It takes the right to say those words.",
        "A parked operation isn't over: `retry` goes on with that.",
    ],
    examples: &["resume op-17", "resume", "resume op-17 because the image is there now"],
    slots: &[Slot::Op],
    clauses: &[Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Control(Control::Resume { op: args.op, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_operation_may_be_the_threads() {
        assert_eq!(canonical("resume"), "resume");
        assert_eq!(canonical("Resume 3"), "resume op-3");
        assert_eq!(refusal("resume in dev"), "`resume` takes no `in`");
    }
}
