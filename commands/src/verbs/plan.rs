//! `plan`: what a change would do. Only changes have plans; the type of [`Command::Plan`] says so too.

use super::{Category, Verb, VerbSpec};
use crate::error::ErrorKind;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Change, Command, ParseError, Question, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Plan,
    name: "plan",
    aliases: &["preview"],
    category: Category::Question,
    summary: "Shows what a change would do, and does nothing.",
    usage: "plan CHANGE",
    notes: &["CHANGE is any command that changes an environment, as you would say it."],
    examples: &["plan deploy web to dev", "plan scale web 5 in dev", "plan teardown dev with volumes"],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, _: &'static VerbSpec) -> Result<Command, ParseError> {
    let changes = || Verb::ALL.iter().map(|verb| verb.spec()).filter(|spec| spec.category == Category::Change);
    if reader.peek().is_none() {
        return Err(reader.missing(What::Change).expecting(changes().map(|spec| spec.name)));
    }
    let start = reader.position();
    let verb = reader.verb()?;
    let not_a_change = || {
        let error = ParseError::new(ErrorKind::NotAChange(verb), start..reader.before());
        error.expecting(changes().map(|spec| spec.name))
    };
    // By its entry first, so that `plan plan plan ..` goes no deeper than this.
    if verb.spec().category != Category::Change {
        return Err(not_a_change());
    }
    match reader.command_of(verb.spec())? {
        // Who only looks has nothing to skip.
        Command::Change(change) => Ok(Command::Plan(Change { bypass: false, ..change })),
        // A sweep without an environment only looks, with `plan` or without.
        look @ Command::Ask(Question::Leftovers) => Ok(look),
        // Not to be reached: the table's tests hold categories and commands together.
        Command::Plan(_) | Command::Decide(_) | Command::Control(_) | Command::Schedule(_) | Command::Ask(_) => {
            Err(ParseError::new(ErrorKind::NotAChange(verb), start..start))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn only_changes_have_plans() {
        assert_eq!(canonical("preview scale web 5"), "plan scale web to 5");
        assert_eq!(refusal("plan"), "the change to plan is missing");
        assert_eq!(refusal("plan status"), "`status` has no plan; only a change can be planned");
        assert_eq!(refusal("plan plan keep dev"), "`plan` has no plan; only a change can be planned");
        assert_eq!(refusal("plan deploi web to dev"), "there's no command `deploi`; did you mean `deploy`?");
    }
}
