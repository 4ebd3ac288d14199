//! Who may do what where: the project file's rules over who somebody is. Pure; what no rule allows is refused.
//!
//! What is known of people may be old: groups at most [`GROUPS_AGE`](crate::directory::GROUPS_AGE), people and channels at
//! most [`PEOPLE_AGE`](crate::directory::PEOPLE_AGE). A right that is taken away in Slack is gone here that much later at
//! the latest. Where Slack can't be asked, nobody has any.

use crate::directory::{Directory, Person, Standing, Unknown};
use gantry_engine::names::{EnvName, GroupName, ProjectName};
use gantry_engine::project::{Allow, Policy, Project, Who};
use std::collections::BTreeSet;

/// Somebody who speaks to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Who.
    pub person: Person,
    /// The groups that they are in, as far as the project's rules ask.
    pub groups: BTreeSet<GroupName>,
    /// The channel that they speak in, without the `#`; none in a direct message.
    pub channel: Option<String>,
}

/// No rule allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whose rules.
    pub project: ProjectName,
    /// What was asked.
    pub verb: String,
    /// Where, if somewhere.
    pub env: Option<EnvName>,
    /// What whoever asks is in the workspace.
    pub standing: Standing,
    /// A rule that allows the verb there, to others; by its line.
    pub rule: Option<u32>,
    /// The channels in which a rule would allow it to them.
    pub elsewhere: BTreeSet<String>,
    /// Who may, and so can help.
    pub helpers: Vec<Helper>,
}

/// Who can help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// As the rule names them.
    pub who: Who,
    /// Handles of some of a group's people, where that is known.
    pub people: Vec<String>,
}

impl Speaker {
    /// Finds out which of a project's groups a person is in. Fails closed: without an answer there is no speaker.
    ///
    /// # Errors
    /// [`Unknown`] where the workspace can't be asked.
    pub async fn meet(
        person: Person,
        channel: Option<String>,
        project: &Project,
        directory: &dyn Directory,
    ) -> Result<Self, Unknown> {
        let mut groups = BTreeSet::new();
        for group in groups_of(project) {
            if directory.members(&group).await?.contains(&person.id) {
                groups.insert(group);
            }
        }
        Ok(Self { person, groups, channel })
    }

    /// Whether a rule's `who` means them. A guest or a stranger is meant by the word for them, or by their id, and by
    /// nothing else: groups and handles are given by people who think of their own.
    #[must_use]
    pub fn is(&self, who: &Who) -> bool {
        let is_member = self.person.standing == Standing::Member;
        match (self.person.standing, who) {
            (Standing::Bot | Standing::Gone, _) => false,
            (_, Who::Everyone) => is_member,
            (standing, Who::Guests) => standing == Standing::Guest,
            (standing, Who::Strangers) => standing == Standing::Stranger,
            (_, Who::Group(group)) => is_member && self.groups.contains(group),
            (_, Who::Person(name)) => name == self.person.id.as_str() || is_member && name == &self.person.handle,
        }
    }

    /// Whether a rule is about them, wherever they speak.
    #[must_use]
    pub fn is_meant(&self, rule: &Allow) -> bool {
        rule.who.iter().any(|who| self.is(who))
    }

    /// Whether they speak where a rule wants it to be said.
    #[must_use]
    pub fn is_there(&self, rule: &Allow) -> bool {
        rule.channels.is_empty() || self.channel.as_ref().is_some_and(|channel| rule.channels.contains(channel))
    }
}

/// Every group that a project's rules or approval policies name.
fn groups_of(project: &Project) -> BTreeSet<GroupName> {
    let rules = project.allow.iter().flat_map(|rule| &rule.who).filter_map(|who| match who {
        Who::Group(group) => Some(group.clone()),
        Who::Everyone | Who::Guests | Who::Strangers | Who::Person(_) => None,
    });
    let voters = project.policies().flat_map(Policy::groups).cloned();
    rules.chain(voters).collect()
}

/// The right to skip approval with a verb, as rules name it.
pub fn skipping(verb: &str) -> String {
    format!("{verb}!")
}

/// Whether a speaker may use a verb on an environment (or on none, for verbs that have none).
///
/// # Errors
/// [`Refused`] names who may.
pub fn check(project: &Project, speaker: &Speaker, verb: &str, env: Option<&EnvName>) -> Result<(), Refused> {
    let covers = |rule: &&Allow| {
        // Skipping approval is a right of its own, that no `*` gives.
        let all = if verb.ends_with('!') { "*!" } else { "*" };
        let verbs = rule.verbs.iter().any(|allowed| allowed == all || allowed == verb);
        let there = env.is_none_or(|env| {
            rule.environments.is_empty() || rule.environments.iter().any(|pattern| pattern.matches(env))
        });
        verbs && there
    };
    let rules: Vec<&Allow> = project.allow.iter().filter(covers).collect();
    let meant: Vec<&&Allow> = rules.iter().filter(|rule| speaker.is_meant(rule)).collect();
    if meant.iter().any(|rule| speaker.is_there(rule)) {
        return Ok(());
    }
    let others = rules.iter().flat_map(|rule| &rule.who);
    let mut helpers: Vec<Helper> = Vec::new();
    for who in others.filter(|who| !speaker.is(who)) {
        if helpers.iter().all(|helper| &helper.who != who) {
            helpers.push(Helper { who: who.clone(), people: Vec::new() });
        }
    }
    Err(Refused {
        project: project.name.clone(),
        verb: verb.to_owned(),
        env: env.cloned(),
        standing: speaker.person.standing,
        rule: meant.first().copied().or(rules.first()).map(|rule| rule.line),
        elsewhere: meant.iter().flat_map(|rule| rule.channels.clone()).collect(),
        helpers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::names::UserId;
    use gantry_engine::project::EnvPattern;

    fn rule(who: Who, verbs: &[&str], environments: &[&str], line: u32) -> Allow {
        Allow {
            who: vec![who],
            verbs: verbs.iter().map(ToString::to_string).collect(),
            environments: environments.iter().map(|e| EnvPattern((*e).to_owned())).collect(),
            channels: Vec::new(),
            line,
        }
    }

    fn project() -> Project {
        let rules = vec![
            rule(Who::Group(GroupName::new("developers")), &["deploy", "scale"], &["dev", "pr-*"], 10),
            rule(Who::Group(GroupName::new("platform")), &["*"], &[], 14),
            rule(Who::Person("auditor".to_owned()), &["history"], &[], 18),
            rule(Who::Group(GroupName::new("on-call")), &["deploy!"], &["prod"], 22),
            rule(Who::Group(GroupName::new("chiefs")), &["*!"], &[], 26),
        ];
        Project {
            name: gantry_engine::names::ProjectName::new("shop").unwrap(),
            revision: gantry_engine::names::Digest::new("00"),
            time_zone: "UTC".to_owned(),
            quiet: None,
            caretakers: None,
            settings: gantry_engine::project::PlatformSettings::new(),
            clusters: std::collections::BTreeMap::new(),
            services: std::collections::BTreeMap::new(),
            environments: Vec::new(),
            freezes: Vec::new(),
            locking: gantry_engine::project::Locking::default(),
            allow: rules,
            protections: Vec::new(),
            announce: None,
        }
    }

    fn speaker(handle: &str, groups: &[&str]) -> Speaker {
        let id = UserId::new(format!("U-{handle}"));
        let person = Person { id, handle: handle.to_owned(), time_zone: None, standing: Standing::Member };
        Speaker { person, groups: groups.iter().map(GroupName::new).collect(), channel: None }
    }

    fn env(name: &str) -> EnvName {
        EnvName::new(name).unwrap()
    }

    #[test]
    fn skipping_approval_is_a_right_of_its_own() {
        let (project, prod) = (project(), EnvName::new("prod").unwrap());
        let may = |group: &str, verb: &str| check(&project, &speaker("x", &[group]), verb, Some(&prod)).is_ok();
        assert!(may("platform", "deploy") && !may("platform", "deploy!"), "`*` doesn't give it");
        assert!(may("on-call", "deploy!") && !may("on-call", "teardown!") && !may("on-call", "deploy"));
        assert!(may("chiefs", "teardown!") && !may("chiefs", "teardown"), "nor does `*!` give anything else");
    }

    #[test]
    fn only_what_a_rule_allows_is_allowed() {
        let project = project();
        let developer = speaker("d", &["developers"]);
        assert_eq!(check(&project, &developer, "deploy", Some(&env("pr-7"))), Ok(()));
        assert!(check(&project, &developer, "teardown", Some(&env("dev"))).is_err());
        assert!(check(&project, &developer, "reload", None).is_err());
        assert_eq!(check(&project, &speaker("p", &["platform"]), "reload", None), Ok(()));
        assert_eq!(check(&project, &speaker("auditor", &[]), "history", Some(&env("prod"))), Ok(()));
        let refused = check(&project, &speaker("n", &[]), "deploy", Some(&env("prod"))).unwrap_err();
        assert_eq!((refused.rule, refused.helpers.len()), (Some(14), 1));
    }

    #[test]
    fn only_the_word_for_them_or_their_id_means_a_guest_or_a_stranger() {
        let everyone = rule(Who::Everyone, &["deploy"], &[], 1);
        let project = Project { allow: [vec![everyone], project().allow].concat(), ..project() };
        let may = |project: &Project, speaker: &Speaker| check(project, speaker, "deploy", Some(&env("dev"))).is_ok();
        let words = [(Standing::Guest, Who::Guests), (Standing::Stranger, Who::Strangers)];
        for (standing, word) in words {
            let mut speaker = speaker("platform-lead", &["platform", "developers"]);
            assert!(may(&project, &speaker), "a member may");
            speaker.person.standing = standing;
            assert!(!may(&project, &speaker), "{standing:?} in a group that may");
            let handle = rule(Who::Person("platform-lead".to_owned()), &["deploy"], &[], 2);
            assert!(!may(&Project { allow: vec![handle], ..project.clone() }, &speaker), "a handle is anybody's");
            for who in [word, Who::Person("U-platform-lead".to_owned())] {
                let allow = vec![rule(who, &["deploy"], &[], 3)];
                assert!(may(&Project { allow, ..project.clone() }, &speaker), "{standing:?}");
            }
        }
        for standing in [Standing::Bot, Standing::Gone] {
            let mut speaker = speaker("d", &["platform"]);
            speaker.person.standing = standing;
            let id = rule(Who::Person("U-d".to_owned()), &["*"], &[], 4);
            assert!(!may(&Project { allow: [vec![id], project.allow.clone()].concat(), ..project.clone() }, &speaker));
        }
    }

    #[test]
    fn a_rule_for_a_channel_counts_there_only() {
        let mut only = rule(Who::Group(GroupName::new("developers")), &["deploy"], &["prod"], 5);
        only.channels = vec!["ops".to_owned()];
        let project = Project { allow: vec![only], ..project() };
        for (channel, allowed) in [(Some("ops"), true), (Some("dev"), false), (None, false)] {
            let speaker = Speaker { channel: channel.map(str::to_owned), ..speaker("d", &["developers"]) };
            let checked = check(&project, &speaker, "deploy", Some(&env("prod")));
            assert_eq!(checked.is_ok(), allowed, "{channel:?}");
            if let Err(refused) = checked {
                assert_eq!(refused.elsewhere, ["ops".to_owned()].into(), "it says where");
                assert_eq!((refused.rule, refused.helpers), (Some(5), Vec::new()));
            }
        }
    }
}
