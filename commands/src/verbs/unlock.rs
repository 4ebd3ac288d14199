//! `unlock`: a lock given up before its end.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Unlock,
    name: "unlock",
    aliases: &[],
    category: Category::Operation,
    summary: "Gives up a lock; what waited for it goes on.",
    usage: "unlock ENV | SERVICE [in ENV] [because REASON]",
    notes: &["Only its holder gives up a lock; who may `steal` it does that first."],
    examples: &["unlock dev", "unlock web in dev because the demo is over"],
    slots: &[Slot::Subject],
    clauses: &[Clause::Place, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    Ok(Command::Control(Control::Unlock { service: args.service, env: args.env, because: args.because }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn a_service_or_an_environment() {
        assert_eq!(canonical("unlock dev"), "unlock in dev");
        assert_eq!(canonical("unlock web on dev because done"), "unlock web in dev because done");
        assert_eq!(refusal("unlock dev for 2h"), "`unlock` takes no `for`");
    }
}
