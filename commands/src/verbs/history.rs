//! `history`: what was done, by whom, and what happened to one operation. Environments that are gone have one too.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::History,
    name: "history",
    aliases: &[],
    category: Category::Question,
    summary: "Tells what was done, by whom, and a service's releases.",
    usage: "history [ENV | SERVICE | OP] [in ENV]",
    notes: &[
        "A name that is both a service and an environment is the service; say `in ENV` for the environment.",
        "Of an operation it tells every event: who asked, voted and signalled, and what became of it.",
    ],
    examples: &["history", "history dev", "history web in dev", "history op-17"],
    slots: &[Slot::Happening],
    clauses: &[Clause::Place],
    existence: Existence::MayBeNew,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Ask(match args.op {
        Some(op) => Question::Story { op },
        None => Question::History { service: args.service, env: args.env },
    }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn environments_may_be_gone() {
        assert_eq!(canonical("history pr-9"), "history in pr-9");
        assert_eq!(canonical("history web"), "history web");
        assert_eq!(refusal("history web api"), "`api` doesn't fit here");
    }

    #[test]
    fn an_operation_is_called_by_its_number() {
        assert_eq!(canonical("history OP-17"), "history op-17");
        assert_eq!(refusal("history op-x"), "there's no service or environment `op-x`");
        assert_eq!(
            refusal("history `op-17`"),
            "there's no service or environment `op-17`",
            "a name, between backticks"
        );
    }
}
