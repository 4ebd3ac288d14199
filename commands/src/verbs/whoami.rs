//! `whoami`: who the speaker is to Gantry, and what they may do.

use super::{Category, Verb, VerbSpec};
use crate::args::Args;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Whoami,
    name: "whoami",
    aliases: &[],
    category: Category::Question,
    summary: "Tells who you are to Gantry, and what you may do.",
    usage: "whoami",
    notes: &[],
    examples: &["whoami"],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    Args::read(reader, spec)?;
    Ok(Command::Ask(Question::Whoami))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn nothing_follows() {
        assert_eq!(canonical("WhoAmI?"), "whoami");
        assert_eq!(refusal("whoami in dev"), "`whoami` takes no `in`");
    }
}
