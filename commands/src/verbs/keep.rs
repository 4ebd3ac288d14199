//! `keep`: an environment without an end.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Keep,
    name: "keep",
    aliases: &[],
    category: Category::Change,
    summary: "Takes an environment's end away, so that it stays.",
    usage: "keep ENV [because REASON]",
    notes: &["A project may forbid it: then the longest life still counts."],
    examples: &["keep dev", "keep dev because we still look into the leak"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    Ok(Args::read(reader, spec)?.change(Action::Keep))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn only_what_lives_is_kept() {
        assert_eq!(canonical("keep shop/dev"), "keep shop/dev");
        assert_eq!(refusal("keep pr-12"), "there's no environment `pr-12`");
        assert_eq!(refusal("keep dev in staging"), "the environment is given twice");
    }
}
