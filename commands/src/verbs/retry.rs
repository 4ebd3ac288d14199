//! `retry`: a signal to a parked operation to try its failed steps again.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Retry,
    name: "retry",
    aliases: &[],
    category: Category::Operation,
    summary: "Tries the failed steps of a parked operation again.",
    usage: "retry [OP]",
    notes: &["In the operation's thread, its number may be left out."],
    examples: &["retry op-17", "retry"],
    slots: &[Slot::Op],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let op = Args::read(reader, spec)?.op;
    Ok(Command::Control(Control::Retry { op }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_operation_may_be_the_threads() {
        assert_eq!(canonical("Retry!"), "retry");
        assert_eq!(refusal("retry in dev"), "`retry` takes no `in`");
    }
}
