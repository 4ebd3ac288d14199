//! `steal`: a lock that somebody else holds, taken over. A right of its own, and its holder is told.

use super::{Category, Verb, VerbSpec, lock};
use crate::args::Slot;
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Steal,
    name: "steal",
    aliases: &["take over"],
    category: Category::Operation,
    summary: "Takes over a lock that somebody else holds; they are told.",
    usage: "steal ENV | SERVICE [in ENV] [for LENGTH | until TIME] because REASON",
    notes: &["Asking its holder comes first; this is for when they can't be reached."],
    examples: &["steal dev because its holder is on leave", "steal web in dev for 1h because the shop is down"],
    slots: &[Slot::Subject],
    clauses: &[Clause::Place, Clause::For, Clause::Until, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    lock::read(reader, spec, true)
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn a_reason_is_asked() {
        assert_eq!(canonical("take over web in dev because x"), "steal web in dev because x");
        assert_eq!(refusal("steal dev"), "the reason is missing");
    }
}
