//! `teardown`: an environment's end. Data volumes stay unless their deletion is said in so many words.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Teardown,
    name: "teardown",
    aliases: &["tear down", "destroy"],
    category: Category::Change,
    summary: "Takes an environment down, now or later, and proves that nothing is left.",
    usage: "teardown ENV [at TIME | in LENGTH] [with volumes] [when free] [because REASON]",
    notes: &["Data volumes are kept, unless `with volumes` says that they go too."],
    examples: &["teardown dev", "teardown dev at 18:00", "teardown dev in 2h with volumes because the demo is over"],
    slots: &[Slot::Env],
    clauses: &[Clause::At, Clause::Place, Clause::WithVolumes, Clause::WhenFree, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let (at, volumes) = (args.instant(), args.volumes.unwrap_or_default());
    Ok(args.change(Action::Teardown { at, volumes }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn volumes_go_only_by_their_word() {
        assert_eq!(canonical("tear down dev"), "teardown dev");
        assert_eq!(canonical("teardown dev with volumes"), "teardown dev with volumes");
        assert_eq!(refusal("teardown dev with everything"), "`everything` doesn't fit here; did you mean `volumes`?");
    }

    #[test]
    fn in_leads_to_a_place_or_a_time() {
        assert_eq!(canonical("teardown in dev in 2h"), "teardown dev at 2026-11-20T11:00:00Z");
        assert_eq!(canonical("teardown dev —in 2h"), "teardown dev at 2026-11-20T11:00:00Z");
        assert_eq!(canonical("teardown at 18:00 dev"), "teardown dev at 2026-11-20T17:00:00Z");
        assert_eq!(refusal("teardown dev at 2030-01-01"), "that's too far away; at most a year");
        assert_eq!(
            refusal("teardown dev at today 9am"),
            "Fri 2026-11-20 09:00 CET is over; it has to be a time to come"
        );
    }
}
