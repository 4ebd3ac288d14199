//! `cancel`: a signal to an operation to stop. What it has done so far stays, and is named.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Cancel,
    name: "cancel",
    aliases: &[],
    category: Category::Operation,
    summary: "Stops an operation; what it has done so far stays, and is named.",
    usage: "cancel [OP] [because REASON]",
    notes: &["In the operation's thread, its number may be left out."],
    examples: &["cancel op-17", "cancel", "cancel op-17 because it's the wrong version"],
    slots: &[Slot::Op],
    clauses: &[Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Control(Control::Cancel { op: args.op, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_operation_may_be_the_threads() {
        assert_eq!(canonical("cancel"), "cancel");
        assert_eq!(canonical("cancel 3 because I was wrong"), "cancel op-3 because I was wrong");
        assert_eq!(refusal("cancel op-1 op-2"), "`op-2` doesn't fit here");
    }
}
