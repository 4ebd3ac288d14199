//! Help as data, from the table of verbs, and `docs/commands.md` made of it. The sentences of Slack's help card are in
//! `templates`; here are only each verb's own words.

use crate::{Category, Verb, VerbSpec};
use std::fmt::Write as _;

/// The verbs of one kind.
#[derive(Debug)]
pub struct Topic {
    /// The kind.
    pub category: Category,
    /// Its verbs, in the order to show them.
    pub verbs: Vec<&'static VerbSpec>,
}

/// All that can be said, by kind. For one verb see [`Verb::spec`].
#[must_use]
pub fn help() -> Vec<Topic> {
    let of = |category| Verb::ALL.iter().map(|verb| verb.spec()).filter(move |spec| spec.category == category);
    Category::ALL.into_iter().map(|category| Topic { category, verbs: of(category).collect() }).collect()
}

const INTRODUCTION: &str = "\
# What you can say to Gantry

This page is made from the table of verbs in `commands/src/verbs`; a test compares them.

Mention Gantry (`@gantry deploy web to dev`), write to it directly, or use `/gantry deploy web to dev`. Threads can't
take slash commands: use a mention there. One message holds one command on one line; quoted lines and blocks of code are
left out. Upper and lower case are the same, and so are straight and curly quotes, short and long dashes.

## Words

| word | what it is |
| --- | --- |
| `SERVICE`, `ENV` | a name from the project file; `shop/web` where two projects have it. Between backticks it's a name even if it looks like something else |
| `VERSION` | a tag (`1.4.2`) or a digest (`sha256:` and 64 hex digits) |
| `OP` | an operation: `op-17`, or only `17` |
| `RELEASE` | a release as `history SERVICE` shows it: `r12`, or only `12` |
| `LENGTH` | `90s`, `10m`, `8h`, `2d`, `1w`, `1h30m`, `2 days`; a day is 24 hours, a year the most |
| `TIME` | `18:00`, `6pm`, `tomorrow 9am`, `fri 18:00`, `2026-12-24`, `2026-12-24 18:00`, `in 2h`, or RFC 3339 (`2026-12-24T18:00:00+01:00`) |
| `REASON` | the rest of the line |

A time without a day is the next one (after `since`: the last one). A day without a time is counted in after `until`, and
starts at its first moment otherwise. Times are in your own time zone, and are echoed with their date. A time that comes
twice or not at all, because the clocks change, is refused with the two times that it could be; so is a time that's over.

`to`, `in` and `on` mean the same before an environment. What the thread or the channel makes clear may be left out: in an
operation's thread `approve` will do, in a service's thread `scale 5`.
";

/// The page `docs/commands.md`.
#[must_use]
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for topic in help() {
        let _ = write!(page, "\n## {}\n", topic.category.title());
        for spec in topic.verbs {
            let _ = write!(page, "\n### {}\n\n{}\n\n```text\n{}\n```\n", spec.name, spec.summary, spec.usage);
            for note in spec.notes {
                let _ = write!(page, "\n{note}\n");
            }
            if !spec.aliases.is_empty() {
                let words: Vec<_> = spec.aliases.iter().map(|alias| format!("`{alias}`")).collect();
                let _ = write!(page, "\nAlso: {}.\n", words.join(", "));
            }
            let examples: Vec<_> = spec.examples.iter().map(|example| format!("- `{example}`")).collect();
            let _ = write!(page, "\nFor example:\n\n{}\n", examples.join("\n"));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_its_place() {
        let shown: Vec<_> = help().iter().flat_map(|topic| topic.verbs.iter().map(|spec| spec.verb)).collect();
        assert_eq!(shown.len(), Verb::ALL.len());
        assert!(Verb::ALL.iter().all(|verb| shown.contains(verb)));
    }
}
