//! `logs`: what a service's tasks wrote.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Clause, Slot};
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Logs,
    name: "logs",
    aliases: &["log"],
    category: Category::Question,
    summary: "Shows what a service's tasks wrote.",
    usage: "logs SERVICE [in ENV] [since LENGTH | since TIME]",
    notes: &[],
    examples: &["logs web in dev", "logs web in dev since 10m", "logs web in dev since yesterday 18:00"],
    slots: &[Slot::Service],
    clauses: &[Clause::Place, Clause::Since],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let since = args.instant();
    Ok(Command::Ask(Question::Logs { service: args.service, env: args.env, since }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn since_looks_back() {
        assert_eq!(canonical("logs web since 10m in dev"), "logs web in dev since 2026-11-20T08:50:00Z");
        assert_eq!(canonical("logs web since 2 hours ago"), "logs web since 2026-11-20T07:00:00Z");
        assert_eq!(canonical("logs web since 18:00"), "logs web since 2026-11-19T17:00:00Z");
        assert_eq!(canonical("logs since fri"), "logs since 2026-11-19T23:00:00Z");
        assert_eq!(
            refusal("logs web since tomorrow"),
            "Sat 2026-11-21 00:00 CET is still to come; it has to be a time that was"
        );
    }
}
