//! `kill`: the trouble monkey. Ends a node or a task to see that the environment mends itself; there's no plan, since
//! what is wanted doesn't change.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Kill,
    name: "kill",
    aliases: &[],
    category: Category::Care,
    summary: "Ends a node or a task on purpose, to see that the environment mends itself.",
    usage: "kill NODE | TASK [in ENV] [because REASON]",
    notes: &[
        "Nodes and tasks have the names that `status` shows.",
        "Who had what killed, and why, is in the record, and `history` shows it.",
        "Once all is well again, the thread tells how long that took and what was lost. It looks for 20 minutes, and not \
         beyond a restart of Gantry.",
    ],
    examples: &["kill node-1 in dev", "kill cluster-a/node-2 in dev because we rehearse the loss of a node"],
    slots: &[Slot::Target],
    clauses: &[Clause::Place, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    let target = args.target.ok_or_else(|| reader.missing_first(What::Target).expecting(["node-1"]))?;
    Ok(Command::Control(Control::Kill { target, env: args.env, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn something_is_named() {
        assert_eq!(canonical("kill WEB-1 on dev"), "kill web-1 in dev");
        assert_eq!(canonical("kill cluster-a/node-1 on dev"), "kill cluster-a/node-1 in dev");
        assert_eq!(refusal("kill in dev"), "the node or task is missing");
        assert_eq!(
            refusal("kill $(reboot) in dev"),
            "`$(reboot)` isn't a node or task; use the name that `status` shows"
        );
    }
}
