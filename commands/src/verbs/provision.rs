//! `provision`: network, cluster and balancer, before any service.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Provision,
    name: "provision",
    aliases: &[],
    category: Category::Change,
    summary: "Builds an environment without services: network, clusters, load balancer.",
    usage: "provision ENV [for LENGTH | until TIME] [when free] [because REASON]",
    notes: &["`for` and `until` say when the environment ends by itself."],
    examples: &["provision dev", "provision dev for 2d because of the demo"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place, Clause::For, Clause::Until, Clause::WhenFree, Clause::Because],
    existence: Existence::MayBeNew,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let expiry = args.expiry();
    Ok(args.change(Action::Provision { expiry }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn one_end_is_enough() {
        assert_eq!(canonical("provision pr-7 for 90m"), "provision pr-7 for 1h30m");
        assert_eq!(refusal("provision dev for 8h until fri"), "the time is given twice");
        assert_eq!(refusal("provision dev 8h"), "`8h` doesn't fit here; did you mean `for 8h`?");
    }
}
