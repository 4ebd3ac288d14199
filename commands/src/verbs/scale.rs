//! `scale`: how many tasks of a service run.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Scale,
    name: "scale",
    aliases: &[],
    category: Category::Change,
    summary: "Sets how many tasks of a service run.",
    usage: "scale SERVICE [to] N [in ENV] [when free] [because REASON]",
    notes: &["In a service's thread, `scale 5` will do."],
    examples: &["scale web 5", "scale web to 5 in dev", "scale api 0 in dev because nobody needs it at night"],
    slots: &[Slot::Service, Slot::Count],
    clauses: &[Clause::ToCount, Clause::Place, Clause::WhenFree, Clause::Because],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    let replicas = args.count.ok_or_else(|| reader.missing(What::Count).expecting(["5", "to 5"]))?;
    let service = args.service.take();
    Ok(args.change(Action::Scale { service, replicas }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn the_number_stands_where_people_put_it() {
        for text in [
            "scale api 5 in dev",
            "scale api to 5 in dev",
            "scale 5 api in dev",
            "scale in dev api 5",
            "scale api 5 to dev",
        ] {
            assert_eq!(canonical(text), "scale api to 5 in dev", "{text}");
        }
        assert_eq!(canonical("scale 5"), "scale to 5");
    }

    #[test]
    fn a_number_is_a_number() {
        assert_eq!(refusal("scale api"), "the number of tasks is missing");
        for word in ["five", "-5", "5.5", "10001", "99999999999999999999999", "5x"] {
            assert_eq!(
                refusal(&format!("scale api {word}")),
                format!("`{word}` isn't a number of tasks; use 0 to 10000")
            );
        }
        assert_eq!(refusal("scale api 1,000"), "the number of tasks is given twice");
        assert_eq!(refusal("scale api 5 to 6"), "the number of tasks is given twice");
    }
}
