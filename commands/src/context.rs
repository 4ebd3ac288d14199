//! What a parse is told from outside: the moment, the speaker's time zone, and the names that exist. It does no
//! looking up of its own.

use gantry_engine::names::{ClusterName, EnvName, ProjectName, ServiceName, UserId};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// What the parser knows besides the text.
#[derive(Debug, Clone)]
pub struct Context<'v> {
    /// The moment the words were said.
    pub now: Timestamp,
    /// The speaker's time zone: what `18:00` means.
    pub zone: TimeZone,
    /// The names that exist.
    pub vocabulary: &'v Vocabulary,
    /// Our own id in the workspace. With it, a text that starts with somebody else's mention isn't for us.
    pub me: Option<UserId>,
}

/// The names that exist, by project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    projects: BTreeMap<ProjectName, Names>,
}

/// The names of one project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Its services.
    pub services: BTreeSet<ServiceName>,
    /// Its clusters: nodes are named after them.
    pub clusters: BTreeSet<ClusterName>,
    /// Its environments: those in the project file, and those that live or lived.
    pub environments: BTreeSet<EnvName>,
    /// What names new environments may have: `pr-*` allows `pr-12`, `*` allows all. Empty: only those above.
    pub new_environments: Vec<String>,
}

impl Names {
    /// Collects a project's names.
    pub fn new(
        services: impl IntoIterator<Item = ServiceName>,
        environments: impl IntoIterator<Item = EnvName>,
        clusters: impl IntoIterator<Item = ClusterName>,
    ) -> Self {
        Self {
            services: services.into_iter().collect(),
            environments: environments.into_iter().collect(),
            clusters: clusters.into_iter().collect(),
            new_environments: Vec::new(),
        }
    }

    /// The same with patterns for new environments.
    #[must_use]
    pub fn with_new(mut self, patterns: impl IntoIterator<Item = String>) -> Self {
        self.new_environments.extend(patterns);
        self
    }

    /// Whether an environment may be made under this name.
    fn allows(&self, name: &str) -> bool {
        self.new_environments.iter().any(|pattern| match pattern.split_once('*') {
            Some((start, end)) => {
                name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            }
            None => name == pattern,
        })
    }
}

impl Vocabulary {
    /// No names at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a project, or replaces it.
    pub fn insert(&mut self, project: ProjectName, names: Names) {
        self.projects.insert(project, names);
    }

    /// The projects.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectName> {
        self.projects.keys()
    }

    /// Whether a project (or any) lets an environment be made under this name.
    pub(crate) fn allows_new(&self, project: Option<&ProjectName>, name: &EnvName) -> bool {
        self.names(project).any(|names| names.allows(name.as_str()))
    }

    /// The names of one project, or of all.
    pub(crate) fn names<'a>(&'a self, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a Names> {
        self.projects
            .iter()
            .filter(move |(name, _)| project.is_none_or(|wanted| wanted == *name))
            .map(|(_, names)| names)
    }

    /// The services of one project, or of all.
    pub(crate) fn services<'a>(&'a self, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a ServiceName> {
        self.names(project).flat_map(|names| &names.services)
    }

    /// The clusters of all projects.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &ClusterName> {
        self.names(None).flat_map(|names| &names.clusters)
    }

    /// The environments of one project, or of all.
    pub(crate) fn environments<'a>(&'a self, project: Option<&'a ProjectName>) -> impl Iterator<Item = &'a EnvName> {
        self.names(project).flat_map(|names| &names.environments)
    }
}

/// The longest word that's worth comparing: twice the longest name.
const MAX_COMPARED: usize = 64;

/// The name that a misspelt word most likely means, if one is near enough: one slip in three characters, or the
/// beginning of exactly one name.
pub(crate) fn closest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if !(2..=MAX_COMPARED).contains(&word.len()) {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let (mut best, mut prefixed, mut prefixes) = (None::<(usize, &str)>, None, 0_u32);
    for name in names {
        if name.starts_with(&word) && prefixed != Some(name) {
            prefixed = Some(name);
            prefixes += 1;
        }
        // Of names as long as these, a transposition counts as one slip (optimal string alignment).
        let slips = strsim::osa_distance(&word, name);
        let allowed = (word.len().min(name.len()) / 3).clamp(1, 3);
        if slips <= allowed && best.is_none_or(|(fewest, _)| slips < fewest) {
            best = Some((slips, name));
        }
    }
    best.map(|(_, name)| name).or(prefixed.filter(|_| prefixes == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        let names = ["web", "api", "staging", "prod", "deploy"];
        let cases = [
            ("wbe", Some("web")),
            ("stagng", Some("staging")),
            ("stag", Some("staging")),
            ("DEPLYO", Some("deploy")),
            ("deplou", Some("deploy")),
            ("zzz", None),
            ("w", None),
            ("hello", None),
            ("", None),
        ];
        for (word, meant) in cases {
            assert_eq!(closest(word, names), meant, "{word:?}");
        }
    }

    #[test]
    fn patterns_allow_new_environments() {
        let names = Names::default().with_new(["pr-*".to_owned(), "qa".to_owned()]);
        for (name, allowed) in
            [("pr-1", true), ("pr-", true), ("pr", false), ("qa", true), ("qa1", false), ("dev", false)]
        {
            assert_eq!(names.allows(name), allowed, "{name}");
        }
        assert!(Names::default().with_new(["*".to_owned()]).allows("dev"));
        assert!(!Names::default().with_new(["a*a".to_owned()]).allows("a"));
    }
}
