//! `outputs`: an environment's addresses and other results.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Outputs,
    name: "outputs",
    aliases: &["output"],
    category: Category::Question,
    summary: "Tells an environment's addresses and other results.",
    usage: "outputs [in] ENV",
    notes: &[],
    examples: &["outputs dev"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let env = Args::read(reader, spec)?.env;
    Ok(Command::Ask(Question::Outputs { env }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn of_one_environment() {
        assert_eq!(canonical("outputs in dev"), "outputs dev");
        assert_eq!(canonical("outputs"), "outputs");
        assert_eq!(refusal("outputs dve"), "there's no environment `dve`; did you mean `dev`?");
    }
}
