//! Who may do what where: the project file's rules over who somebody is. Pure; what no rule allows is refused.

use crate::directory::{Directory, Person, Unknown};
use gantry_engine::names::{EnvName, GroupName};
use gantry_engine::project::{Allow, Project, Who};
use std::collections::BTreeSet;

/// Somebody who speaks to the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Who.
    pub person: Person,
    /// The groups that they are in, as far as the project's rules ask.
    pub groups: BTreeSet<GroupName>,
}

/// No rule allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was asked.
    pub verb: String,
    /// Where, if somewhere.
    pub env: Option<EnvName>,
    /// A rule that allows the verb there, to others; by its line.
    pub rule: Option<u32>,
    /// Who may, and so can help.
    pub helpers: Vec<Who>,
}

impl Speaker {
    /// Finds out which of a project's groups a person is in. Fails closed: without an answer there is no speaker.
    ///
    /// # Errors
    /// [`Unknown`] where the workspace can't be asked.
    pub async fn meet(person: Person, project: &Project, directory: &dyn Directory) -> Result<Self, Unknown> {
        let mut groups = BTreeSet::new();
        for group in groups_of(project) {
            if directory.members(&group).await?.contains(&person.id) {
                groups.insert(group);
            }
        }
        Ok(Self { person, groups })
    }

    /// Whether a rule means them.
    #[must_use]
    pub fn is(&self, who: &Who) -> bool {
        match who {
            Who::Everyone => true,
            Who::Group(group) => self.groups.contains(group),
            Who::Person(name) => name == &self.person.handle || name == self.person.id.as_str(),
        }
    }
}

/// Every group that a project's rules or approval policies name.
fn groups_of(project: &Project) -> BTreeSet<GroupName> {
    let rules = project.allow.iter().flat_map(|rule| &rule.who).filter_map(|who| match who {
        Who::Group(group) => Some(group.clone()),
        Who::Everyone | Who::Person(_) => None,
    });
    let voters = project.environments.iter().filter_map(|env| match &env.approval {
        gantry_engine::project::Policy::Votes { from, .. } => Some(from.clone()),
        _ => None,
    });
    rules.chain(voters).collect()
}

/// Whether a speaker may use a verb on an environment (or on none, for verbs that have none).
///
/// # Errors
/// [`Refused`] names who may.
pub fn check(project: &Project, speaker: &Speaker, verb: &str, env: Option<&EnvName>) -> Result<(), Refused> {
    let covers = |rule: &&Allow| {
        let verbs = rule.verbs.iter().any(|allowed| allowed == "*" || allowed == verb);
        let there = env.is_none_or(|env| {
            rule.environments.is_empty() || rule.environments.iter().any(|pattern| pattern.matches(env))
        });
        verbs && there
    };
    let rules: Vec<&Allow> = project.allow.iter().filter(covers).collect();
    if rules.iter().any(|rule| rule.who.iter().any(|who| speaker.is(who))) {
        return Ok(());
    }
    Err(Refused {
        verb: verb.to_owned(),
        env: env.cloned(),
        rule: rules.first().map(|rule| rule.line),
        helpers: rules.iter().flat_map(|rule| rule.who.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::names::UserId;
    use gantry_engine::project::EnvPattern;

    fn project() -> Project {
        let rule = |who: Who, verbs: &[&str], environments: &[&str], line| Allow {
            who: vec![who],
            verbs: verbs.iter().map(ToString::to_string).collect(),
            environments: environments.iter().map(|e| EnvPattern((*e).to_owned())).collect(),
            line,
        };
        Project {
            name: gantry_engine::names::ProjectName::new("shop").unwrap(),
            revision: gantry_engine::names::Digest::new("00"),
            time_zone: "UTC".to_owned(),
            settings: gantry_engine::project::PlatformSettings::new(),
            clusters: std::collections::BTreeMap::new(),
            services: std::collections::BTreeMap::new(),
            environments: Vec::new(),
            freezes: Vec::new(),
            allow: vec![
                rule(Who::Group(GroupName::new("developers")), &["deploy", "scale"], &["dev", "pr-*"], 10),
                rule(Who::Group(GroupName::new("platform")), &["*"], &[], 14),
                rule(Who::Person("auditor".to_owned()), &["history"], &[], 18),
            ],
        }
    }

    fn speaker(handle: &str, groups: &[&str]) -> Speaker {
        let person = Person { id: UserId::new(format!("U-{handle}")), handle: handle.to_owned(), time_zone: None };
        Speaker { person, groups: groups.iter().map(GroupName::new).collect() }
    }

    #[test]
    fn only_what_a_rule_allows_is_allowed() {
        let (project, env) = (project(), |name| EnvName::new(name).unwrap());
        let developer = speaker("d", &["developers"]);
        assert_eq!(check(&project, &developer, "deploy", Some(&env("pr-7"))), Ok(()));
        assert!(check(&project, &developer, "teardown", Some(&env("dev"))).is_err());
        assert!(check(&project, &developer, "reload", None).is_err());
        assert_eq!(check(&project, &speaker("p", &["platform"]), "reload", None), Ok(()));
        assert_eq!(check(&project, &speaker("auditor", &[]), "history", Some(&env("prod"))), Ok(()));
        let refused = check(&project, &speaker("n", &[]), "deploy", Some(&env("prod"))).unwrap_err();
        assert_eq!((refused.rule, refused.helpers.len()), (Some(14), 1));
    }
}
