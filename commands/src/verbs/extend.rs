//! `extend`: an environment's end, moved.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Extend,
    name: "extend",
    aliases: &[],
    category: Category::Change,
    summary: "Moves the time at which an environment ends by itself.",
    usage: "extend ENV by LENGTH | until TIME [because REASON]",
    notes: &[
        "`by` counts from the end as it is, `until` sets it.",
        "The project's longest life counts from the environment's start.",
    ],
    examples: &["extend dev by 2h", "extend dev until tomorrow 9am because the tests still run"],
    slots: &[Slot::Env],
    clauses: &[Clause::By, Clause::Until, Clause::Place, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let extension = args.extension().ok_or_else(|| reader.missing(What::Time).expecting(["by 2h", "until 18:00"]))?;
    Ok(args.change(Action::Extend(extension)))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn by_and_until() {
        assert_eq!(canonical("extend dev by 2 hours"), "extend dev by 2h");
        assert_eq!(canonical("extend until fri"), "extend until 2026-11-20T23:00:00Z");
        assert_eq!(refusal("extend dev"), "the new end (`by` a length or `until` a time) is missing");
        assert_eq!(refusal("extend dev for 2h"), "`extend` takes no `for`");
        assert_eq!(refusal("extend dev 2h"), "`2h` doesn't fit here; did you mean `by 2h`?");
    }
}
