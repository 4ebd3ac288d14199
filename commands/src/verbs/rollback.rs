//! `rollback`: back to a release that ran before.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Rollback,
    name: "rollback",
    aliases: &["roll back"],
    category: Category::Change,
    summary: "Goes back to a release of a service that ran before.",
    usage: "rollback SERVICE [to RELEASE] [in ENV] [when free] [because REASON]",
    notes: &["RELEASE is one that `history SERVICE` shows; without it, it's the one before the current."],
    examples: &["rollback web in dev", "rollback web to r12 in dev because r13 is slow"],
    slots: &[Slot::Service],
    clauses: &[Clause::ToRelease, Clause::Place, Clause::WhenFree, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let (service, release) = (args.service.take(), args.release);
    Ok(args.change(Action::Rollback { service, release }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn to_leads_to_a_release_or_a_place() {
        assert_eq!(canonical("rollback web to #12 in dev"), "rollback web to r12 in dev");
        assert_eq!(canonical("rollback web to R12"), "rollback web to r12");
        assert_eq!(canonical("roll back web to dev"), "rollback web in dev");
        assert_eq!(canonical("rollback"), "rollback");
        assert_eq!(
            refusal("rollback web to 1.4.2"),
            "`1.4.2` isn't a release; they look like `r12`, and `history` shows them"
        );
    }
}
