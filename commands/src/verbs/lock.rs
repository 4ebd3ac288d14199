//! `lock`: others leave an environment or a service as it is for a while.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Lock,
    name: "lock",
    aliases: &[],
    category: Category::Operation,
    summary: "Holds back changes by others for a while; you may go on.",
    usage: "lock ENV | SERVICE [in ENV] [for LENGTH | until TIME] because REASON",
    notes: &[
        "It holds back what changes services (`deploy`, `scale`, `rollback`, `restart`, `provision`, `teardown`, `sweep`, `kill`, \
         `undo`, `resume`), \
         not votes, reading, or moving an environment's end.",
        "A lock ends by itself; said again, it gets another end. The project file says how long one lasts, and may last.",
        "An environment's own end waits for a lock, but not beyond the longest life that the project file allows.",
    ],
    examples: &["lock dev because the demo is at noon", "lock web in dev for 2h because I look for a leak"],
    slots: &[Slot::Subject],
    clauses: &[Clause::Place, Clause::For, Clause::Until, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    read(reader, spec, false)
}

/// What a lock says, whether it is taken from somebody or not.
pub(super) fn read(reader: &mut Reader<'_>, spec: &'static VerbSpec, steal: bool) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let until = args.expiry();
    let because = args.because.ok_or_else(|| reader.missing(What::Reason).expecting(["because .."]))?;
    Ok(Command::Control(Control::Lock { service: args.service, env: args.env, until, because, steal }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn what_until_when_and_why() {
        assert_eq!(canonical("lock dev because of a demo"), "lock in dev because of a demo");
        assert_eq!(
            canonical("lock web in dev for 2 hours because I look for a leak"),
            "lock web in dev for 2h because I look for a leak"
        );
        assert_eq!(canonical("lock because x"), "lock because x");
        assert_eq!(refusal("lock dev for 2h"), "the reason is missing");
    }
}
