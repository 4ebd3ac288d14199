//! `locks`: what is locked, by whom, until when, and what happened to locks of late.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Locks,
    name: "locks",
    aliases: &[],
    category: Category::Question,
    summary: "Tells what is locked or frozen, who waits, and what happened to locks of late.",
    usage: "locks [ENV]",
    notes: &["`status` shows an environment's locks too."],
    examples: &["locks", "locks dev"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Ask(Question::Locks { env: args.env }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn everywhere_or_somewhere() {
        assert_eq!(canonical("locks"), "locks");
        assert_eq!(canonical("locks in dev"), "locks dev");
        assert_eq!(refusal("locks web"), "there's no environment `web`");
    }
}
