//! `give`: an environment becomes somebody else's.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Give,
    name: "give",
    aliases: &[],
    category: Category::Change,
    summary: "Makes an environment somebody else's.",
    usage: "give ENV to @PERSON [because REASON]",
    notes: &["They are told when its end comes near; what they may do is still their rights' matter."],
    examples: &["give dev to <@U0123ABCD>", "give dev to <@U0123ABCD> because I am away"],
    slots: &[Slot::Env],
    clauses: &[Clause::ToPerson, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let to = args.person.take().ok_or_else(|| reader.missing(What::Person).expecting(["to @PERSON"]))?;
    Ok(args.change(Action::Give { to }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn to_somebody_who_is_mentioned() {
        assert_eq!(canonical("give dev to <@U7|ann>"), "give dev to <@U7>");
        assert_eq!(canonical("give to <@U7>"), "give to <@U7>");
        assert_eq!(refusal("give dev"), "the person (mentioned with @) is missing");
        assert_eq!(refusal("give dev to ann"), "`ann` doesn't fit here");
    }
}
