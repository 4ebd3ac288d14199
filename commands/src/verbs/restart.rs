//! `restart`: new tasks of the same release.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Restart,
    name: "restart",
    aliases: &[],
    category: Category::Change,
    summary: "Replaces a service's tasks by new ones of the same release, without a gap.",
    usage: "restart SERVICE [in ENV] [when free] [because REASON]",
    notes: &[],
    examples: &["restart web in dev", "restart web in dev because it leaks"],
    slots: &[Slot::Service],
    clauses: &[Clause::Place, Clause::WhenFree, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let service = args.service.take();
    Ok(args.change(Action::Restart { service }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_place_may_be_the_threads() {
        assert_eq!(canonical("restart web"), "restart web");
        assert_eq!(refusal("restart web dev"), "`dev` doesn't fit here; did you mean `in dev`?");
        assert_eq!(refusal("restart web for 8h"), "`restart` takes no `for`");
    }
}
