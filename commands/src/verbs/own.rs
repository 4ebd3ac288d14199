//! `own`: an environment becomes the speaker's.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Own,
    name: "own",
    aliases: &[],
    category: Category::Change,
    summary: "Makes an environment yours: you are told when its end comes near.",
    usage: "own ENV [because REASON]",
    notes: &["An environment whose owner has left the workspace is offered to its channel."],
    examples: &["own dev", "own dev because I go on with the tests"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    Ok(Args::read(reader, spec)?.change(Action::Own))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn it_is_of_an_environment() {
        assert_eq!(canonical("own shop/dev"), "own shop/dev");
        assert_eq!(canonical("own"), "own");
        assert_eq!(refusal("own pr-12"), "there's no environment `pr-12`");
    }
}
