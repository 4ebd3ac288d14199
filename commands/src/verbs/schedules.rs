//! `schedules`: what comes again by itself.

use super::{Category, Verb, VerbSpec};
use crate::args::Args;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Schedules,
    name: "schedules",
    aliases: &["crontab"],
    category: Category::Schedule,
    summary: "Lists what is scheduled: when it runs next, what came of it last, and whose it is.",
    usage: "schedules",
    notes: &[],
    examples: &["schedules"],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    Args::read(reader, spec)?;
    Ok(Command::Ask(Question::Schedules))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn all_of_them() {
        assert_eq!(canonical("crontab"), "schedules");
        assert_eq!(refusal("schedules dev"), "`dev` doesn't fit here");
    }
}
