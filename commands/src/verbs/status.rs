//! `status`: what runs, everywhere or somewhere.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Status,
    name: "status",
    aliases: &["ps"],
    category: Category::Question,
    summary: "Tells what runs, and how it is.",
    usage: "status [ENV | SERVICE] [in ENV]",
    notes: &["A name that is both a service and an environment is the service; say `in ENV` for the environment."],
    examples: &["status", "status dev", "status web", "status web in dev"],
    slots: &[Slot::Subject],
    clauses: &[Clause::Place],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Ask(Question::Status { service: args.service, env: args.env }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn a_name_is_a_service_or_an_environment() {
        assert_eq!(canonical("status?"), "status");
        assert_eq!(canonical("status dev"), "status in dev");
        assert_eq!(canonical("status api in dev"), "status api in dev");
        // `both` is a service and an environment.
        assert_eq!(canonical("status both"), "status both");
        assert_eq!(canonical("status in both"), "status in both");
        assert_eq!(refusal("status wbe"), "there's no service or environment `wbe`; did you mean `web`?");
    }
}
