//! `unschedule`: something doesn't come again.

use super::{Category, Verb, VerbSpec};
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Scheduling, refer};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Unschedule,
    name: "unschedule",
    aliases: &[],
    category: Category::Schedule,
    summary: "Removes a schedule. What it has started goes on.",
    usage: "unschedule ID",
    notes: &["Whoever made a schedule may remove it; others need the right to `unschedule` in its environment."],
    examples: &["unschedule s-3"],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, _: &'static VerbSpec) -> Result<Command, ParseError> {
    let id = refer::schedule(reader)?;
    reader.nothing_more()?;
    Ok(Command::Schedule(Scheduling::Remove { id }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn by_its_number() {
        assert_eq!(canonical("unschedule 3"), "unschedule s-3");
        assert_eq!(canonical("unschedule #3"), "unschedule s-3");
        assert_eq!(canonical("unschedule S-3"), "unschedule s-3");
        assert_eq!(refusal("unschedule"), "the schedule is missing");
        assert_eq!(
            refusal("unschedule web"),
            "`web` isn't a schedule; they look like `s-3`, and `schedules` shows them"
        );
        assert_eq!(refusal("unschedule s-3 s-4"), "`s-4` doesn't fit here");
    }
}
