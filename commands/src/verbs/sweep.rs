//! `sweep`: what is left over, and its removal. Without an environment it only looks; with one it is a change like any
//! other, with a plan and a confirmation.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError, Question, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Sweep,
    name: "sweep",
    aliases: &[],
    category: Category::Change,
    summary: "Lists what is left over from environments that are gone, or removes it.",
    usage: "sweep [ENV] [with volumes] [when free] [because REASON]",
    notes: &[
        "Without an environment it only lists. What is found carries Gantry's marks and belongs to no living environment.",
        "Data volumes stay, unless `with volumes` says that they go too.",
    ],
    examples: &["sweep dev", "sweep", "sweep dev with volumes because nobody needs the data"],
    slots: &[Slot::Env],
    clauses: &[Clause::Place, Clause::WithVolumes, Clause::WhenFree, Clause::Because],
    existence: Existence::Any,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let args = Args::read(reader, spec)?;
    if args.env.is_none() {
        // Never the thread's environment: what is removed is named.
        return match args.volumes.is_none() && args.because.is_none() {
            true => Ok(Command::Ask(Question::Leftovers)),
            false => Err(reader.missing_first(What::Env).expecting(["dev"])),
        };
    }
    let volumes = args.volumes.unwrap_or_default();
    Ok(args.change(Action::Sweep { volumes }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn it_looks_before_it_removes() {
        assert_eq!(canonical("sweep"), "sweep");
        assert_eq!(canonical("plan sweep"), "sweep", "a look is a look");
        assert_eq!(canonical("sweep in dev with volumes"), "sweep dev with volumes");
        assert_eq!(canonical("plan sweep dev"), "plan sweep dev");
        assert_eq!(refusal("sweep with volumes"), "the environment is missing");
    }

    #[test]
    fn a_name_that_is_gone_will_do() {
        assert_eq!(canonical("sweep pr-7"), "sweep pr-7");
        assert_eq!(canonical("sweep shop/longgone"), "sweep shop/longgone");
        assert_eq!(refusal("sweep shp/longgone"), "there's no project `shp`; did you mean `shop/longgone`?");
        let no_name =
            "`long_gone` can't be the environment name; use a-z, 0-9 and - (a letter or digit first and last)";
        assert_eq!(refusal("sweep Long_Gone"), no_name);
    }
}
