//! The table of verbs and what an entry holds. It has no words about any verb of its own: those are in the verbs' files.

use crate::args::Slot;
use crate::clause::Clause;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, ParseError};
use serde::{Serialize, Serializer};
use std::fmt;

/// One verb, as data.
#[derive(Debug)]
pub struct VerbSpec {
    /// The verb.
    pub verb: Verb,
    /// The word to say.
    pub name: &'static str,
    /// Other words for the same, maybe two (`tear down`).
    pub aliases: &'static [&'static str],
    /// What kind of command it makes.
    pub category: Category,
    /// What it does, in a line.
    pub summary: &'static str,
    /// How it's written: names in capitals, `[..]` for what may be left out.
    pub usage: &'static str,
    /// What one should know besides.
    pub notes: &'static [&'static str],
    /// Commands that parse, the plainest first.
    pub examples: &'static [&'static str],
    pub(crate) slots: &'static [Slot],
    pub(crate) clauses: &'static [Clause],
    /// Whether its environment has to be there already.
    pub(crate) existence: Existence,
    pub(crate) parse: fn(&mut Reader<'_>, &'static VerbSpec) -> Result<Command, ParseError>,
}

impl VerbSpec {
    /// Its name and its aliases.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// What kind of command a verb makes; help is grouped by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Changes an environment.
    Change,
    /// Votes on operations and signals them.
    Operation,
    /// Says commands by itself.
    Schedule,
    /// Reads only.
    Question,
    /// Cares for the installation, or troubles it.
    Care,
}

impl Category {
    /// All, in the order that help shows them.
    pub const ALL: [Self; 5] = [Self::Change, Self::Operation, Self::Schedule, Self::Question, Self::Care];

    /// A heading for it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Change => "Change an environment",
            Self::Operation => "Decide on operations",
            Self::Schedule => "Schedule commands",
            Self::Question => "Ask",
            Self::Care => "Look after Gantry",
        }
    }
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident => $file:ident,)*) => {
        /// A verb. What rules allow, and what a command was said with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb {
            $($(#[$doc])* $verb,)*
        }

        impl Verb {
            /// All, in the order that help shows them.
            pub const ALL: &'static [Self] = &[$(Self::$verb),*];

            /// The verb's entry.
            #[must_use]
            pub fn spec(self) -> &'static VerbSpec {
                match self {
                    $(Self::$verb => &super::$file::SPEC,)*
                }
            }
        }
    };
}

verbs! {
    /// Runs versions of services.
    Deploy => deploy,
    /// Sets how many tasks run.
    Scale => scale,
    /// Goes back to an earlier release.
    Rollback => rollback,
    /// Replaces tasks by new ones.
    Restart => restart,
    /// Builds an environment without services.
    Provision => provision,
    /// Takes an environment down.
    Teardown => teardown,
    /// Removes what is left over under a name.
    Sweep => sweep,
    /// Moves an environment's end.
    Extend => extend,
    /// Takes an environment's end away.
    Keep => keep,
    /// Makes an environment the speaker's.
    Own => own,
    /// Makes an environment somebody else's.
    Give => give,
    /// Shows what a change would do.
    Plan => plan,
    /// Votes for an operation.
    Approve => approve,
    /// Votes against an operation.
    Reject => reject,
    /// Stops an operation.
    Cancel => cancel,
    /// Tries a parked operation again.
    Retry => retry,
    /// Takes back what an operation left.
    Undo => undo,
    /// Goes on with an operation that ended in the middle.
    Resume => resume,
    /// Holds back changes by others.
    Lock => lock,
    /// Gives up a lock.
    Unlock => unlock,
    /// Takes over a lock.
    Steal => steal,
    /// Says a command by itself.
    Schedule => schedule,
    /// Lists what is scheduled.
    Schedules => schedules,
    /// Removes a schedule.
    Unschedule => unschedule,
    /// Tells what runs.
    Status => status,
    /// Tells addresses and other results.
    Outputs => outputs,
    /// Tells what is locked.
    Locks => locks,
    /// Tells what was done.
    History => history,
    /// Tells about one operation.
    About => about,
    /// Shows what tasks wrote.
    Logs => logs,
    /// Tells who one is and what one may do.
    Whoami => whoami,
    /// Tells what can be said.
    Help => help,
    /// Reads the project files again.
    Reload => reload,
    /// Ends a node or a task on purpose.
    Kill => kill,
}

impl Verb {
    /// The word to say.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The verb of this name, as rules in a project file use it (no aliases).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verb| verb.name() == name)
    }

    /// The verb that these words say, and how many of them it took.
    pub(crate) fn find(word: &str, next: Option<&str>) -> Option<(Self, usize)> {
        let says = |said: &str| match said.split_once(' ') {
            Some((first, second)) => {
                let both =
                    first.eq_ignore_ascii_case(word) && next.is_some_and(|next| second.eq_ignore_ascii_case(next));
                both.then_some(2)
            }
            None => said.eq_ignore_ascii_case(word).then_some(1),
        };
        Self::ALL.iter().find_map(|verb| verb.spec().words().find_map(says).map(|words| (*verb, words)))
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Verb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::testing::{in_another_shop, said};
    use std::collections::BTreeSet;

    #[test]
    fn no_word_means_two_verbs() {
        let mut seen = BTreeSet::new();
        for verb in Verb::ALL {
            for word in verb.spec().words() {
                assert!(seen.insert(word), "{word} is there twice");
                assert_eq!(word, word.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn each_entry_is_its_own_and_complete() {
        for verb in Verb::ALL {
            let spec = verb.spec();
            assert_eq!(spec.verb, *verb);
            assert_eq!(Verb::named(spec.name), Some(*verb));
            assert!(spec.usage.starts_with(spec.name), "{}", spec.usage);
            assert!(spec.summary.ends_with('.') && spec.summary.len() < 100, "{}", spec.summary);
            assert!(!spec.examples.is_empty());
            for clause in spec.clauses {
                let keywords = clause.keywords();
                // Where an environment has its slot, the usage needn't show that a preposition may stand before it.
                let by_slot = *clause == Clause::Place && spec.slots.contains(&Slot::Env);
                assert!(
                    by_slot || keywords.iter().any(|word| spec.usage.contains(word)),
                    "{} hides {keywords:?}",
                    spec.usage
                );
            }
        }
    }

    #[test]
    fn a_verbs_category_and_its_command_agree() {
        for spec in Verb::ALL.iter().map(|verb| verb.spec()) {
            let fits = match said(spec.examples[0]).expect("an example") {
                Command::Change(_) => spec.category == Category::Change,
                Command::Plan(_) => spec.category == Category::Question,
                Command::Ask(_) => matches!(spec.category, Category::Question | Category::Schedule),
                Command::Schedule(_) => spec.category == Category::Schedule,
                Command::Decide(_) => spec.category == Category::Operation,
                Command::Control(_) => matches!(spec.category, Category::Operation | Category::Care),
            };
            assert!(fits, "{} isn't {:?}", spec.name, spec.category);
        }
    }

    #[test]
    fn each_example_parses_and_is_of_its_verb() {
        for spec in Verb::ALL.iter().map(|verb| verb.spec()) {
            for example in spec.examples {
                let command = said(example).unwrap_or_else(|error| panic!("{example}: {error}"));
                assert_eq!(command.verb(), spec.verb, "{example}");
            }
            for alias in spec.aliases {
                let example = spec.examples[0].replacen(spec.name, alias, 1);
                assert_eq!(said(&example), said(spec.examples[0]), "{example}");
            }
        }
    }

    #[test]
    fn an_error_without_a_better_example_shows_one_that_works_there() {
        for spec in Verb::ALL.iter().map(|verb| verb.spec()) {
            let example = crate::mend::local(spec.examples[0], &in_another_shop().vocabulary());
            let command = in_another_shop().parse(&example);
            assert!(command.is_ok(), "{example}: {command:?}");
        }
    }
}
