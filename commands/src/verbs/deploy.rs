//! `deploy`: services to an environment, with all that they need. It doesn't say what they need; the plan does.

use super::{Category, Verb, VerbSpec};
use crate::args::{Args, Slot};
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Action, Command, ParseError, What};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Deploy,
    name: "deploy",
    aliases: &["ship"],
    category: Category::Change,
    summary: "Runs versions of services in an environment, and builds what they need.",
    usage: "deploy SERVICE[:VERSION][, SERVICE..] to ENV [for LENGTH | until TIME] [when free] [because REASON]",
    notes: &[
        "Without a version it's the one in the project file.",
        "`for` and `until` say when the environment ends by itself.",
        "`deploy!`, and so any change with a `!`, skips approval: it takes a right of its own and a reason, and is announced.",
    ],
    examples: &[
        "deploy web to dev",
        "deploy web:1.4.2, api to dev for 8h",
        "deploy web to prod because the fix for checkout is in it",
        "deploy shop/web to shop/dev until fri 18:00",
    ],
    slots: &[Slot::Services],
    clauses: &[Clause::Place, Clause::For, Clause::Until, Clause::WhenFree, Clause::Because],
    existence: Existence::MayBeNew,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    let mut args = Args::read(reader, spec)?;
    if args.services.is_empty() {
        return Err(reader.missing_first(What::Service));
    }
    let services = std::mem::take(&mut args.services);
    let expiry = args.expiry();
    Ok(args.change(Action::Deploy { services, expiry }))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn clauses_come_in_any_order() {
        let meant = "deploy web:1.4, api to dev for 8h because it is Friday";
        for text in [
            "deploy web:1.4, api to dev for 8h because it is Friday",
            "deploy for 8h web:1.4 and api in dev because it is Friday",
            "Deploy to DEV Web:1.4 api for 8 hours because it is Friday",
        ] {
            assert_eq!(canonical(text), meant, "{text}");
        }
    }

    #[test]
    fn new_environments_follow_the_projects_patterns() {
        assert_eq!(canonical("deploy web to pr-12"), "deploy web to pr-12");
        assert_eq!(refusal("deploy web to stagng"), "there's no environment `stagng`; did you mean `staging`?");
    }

    #[test]
    fn skipping_approval_takes_a_reason() {
        for text in ["deploy! web to prod because it's down", "*Deploy!* web to prod because it's down"] {
            assert_eq!(canonical(text), "deploy! web to prod because it's down", "{text}");
        }
        assert_eq!(canonical("tear down! dev because it burns"), "teardown! dev because it burns");
        assert_eq!(refusal("deploy! web to prod"), "the reason is missing");
        assert_eq!(canonical("plan deploy! web to prod"), "plan deploy web to prod", "looking skips nothing");
        assert_eq!(canonical("deploy web to prod!"), "deploy web to prod");
        assert_eq!(canonical("status!"), "status");
    }

    #[test]
    fn a_service_is_named_and_named_once() {
        assert_eq!(refusal("deploy to dev"), "the service is missing");
        assert_eq!(refusal("deploy web, web:2 to dev"), "the service is given twice");
        assert_eq!(
            refusal("deploy shop/web, blog/web to dev"),
            "one command is for one project, and this names `shop` and `blog`"
        );
    }
}
