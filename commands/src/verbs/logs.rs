//! `logs`: what a service's tasks wrote.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError, Question};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Logs,
    name: "logs",
    aliases: &["log"],
    category: Category::Question,
    summary: "Shows what a service's tasks wrote.",
    usage: "logs SERVICE [in ENV] [since LENGTH | since TIME] [follow [for LENGTH] | unfollow]",
    notes: &[
        "`follow` goes on with new lines as they come, for 5 minutes or as long as you say, at most an hour; `unfollow` ends \
         that earlier.",
        "When Gantry stops, it says that it no longer follows; after a crash it can't. Ask again to go on.",
    ],
    examples: &[
        "logs web in dev",
        "logs web in dev since 10m",
        "logs web in dev since yesterday 18:00",
        "logs web in dev follow",
        "logs web in dev since 1m follow for 20m",
        "logs web in dev unfollow",
    ],
    slots: &[Slot::Service],
    clauses: &[Clause::Place, Clause::Since, Clause::Follow, Clause::Unfollow],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let since = args.instant();
    Ok(Command::Ask(Question::Logs { service: args.service, env: args.env, since, follow: args.follow }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn following_has_an_end() {
        assert_eq!(canonical("logs web follow in dev"), "logs web in dev follow for 5m");
        assert_eq!(
            canonical("log web follow for 2 min in dev since 1m"),
            "logs web in dev since 2026-11-20T08:59:00Z follow for 2m"
        );
        assert_eq!(canonical("logs unfollow"), "logs unfollow");
        assert_eq!(refusal("logs web follow for 2h"), "`2h` is too long to follow; at most 1h");
        assert_eq!(refusal("logs web follow unfollow"), "the word `follow` or `unfollow` is given twice");
        assert_eq!(refusal("logs web for 5m"), "`logs` takes no `for`");
    }

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
