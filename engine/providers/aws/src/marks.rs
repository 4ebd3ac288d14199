//! Ownership marks as tags, and the names that derive from them.
//!
//! A mark is spread over several tags, since the strictest service takes few characters in a value, and since lists can
//! be filtered by each of them.

use gantry_engine::address::{Addr, Generation, Mark};
use gantry_engine::names::{EnvName, InstallationId, ProjectName};
use sha2::{Digest, Sha256};

/// Which Gantry made it.
pub(crate) const INSTALLATION: &str = "gantry:installation";
/// For which project.
pub(crate) const PROJECT: &str = "gantry:project";
/// In which environment.
pub(crate) const ENVIRONMENT: &str = "gantry:environment";
/// In which life of the environment.
pub(crate) const INCARNATION: &str = "gantry:incarnation";
/// At which address in it (`network/vpc`).
pub(crate) const RESOURCE: &str = "gantry:resource";
/// Which life of the address.
pub(crate) const GENERATION: &str = "gantry:generation";
/// What AWS's own pages show.
pub(crate) const NAME: &str = "Name";

/// The tags that everything is created with.
pub(crate) fn tags(mark: &Mark) -> Vec<(&'static str, String)> {
    let mut tags = ownership(mark);
    tags.push((NAME, format!("{}/{}", mark.project, mark.addr)));
    tags
}

/// The tags that say whose it is: all of them together are one mark.
pub(crate) fn ownership(mark: &Mark) -> Vec<(&'static str, String)> {
    vec![
        (INSTALLATION, mark.installation.to_string()),
        (PROJECT, mark.project.to_string()),
        (ENVIRONMENT, mark.addr.env.to_string()),
        (INCARNATION, mark.incarnation.to_string()),
        (RESOURCE, format!("{}/{}", mark.addr.component, mark.addr.part)),
        (GENERATION, mark.generation.0.to_string()),
    ]
}

/// The mark that tags tell; none where they aren't all there, or aren't ours.
pub(crate) fn from_tags<'t>(tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Option<Mark> {
    let tags: std::collections::BTreeMap<&str, &str> = tags.into_iter().collect();
    let tag = |key: &str| tags.get(key).copied();
    let (component, part) = tag(RESOURCE)?.split_once('/')?;
    Some(Mark {
        installation: InstallationId::new(tag(INSTALLATION)?),
        project: ProjectName::new(tag(PROJECT)?).ok()?,
        incarnation: tag(INCARNATION)?.parse().ok()?,
        addr: Addr::new(&EnvName::new(tag(ENVIRONMENT)?).ok()?, component, part).ok()?,
        generation: Generation(tag(GENERATION)?.parse().ok()?),
    })
}

/// A name of at most `longest` characters (letters, digits, hyphens) that only this mark has: readable as far as there
/// is room, unique by eight digits of a hash. The same mark always gives the same name, so a create that is repeated
/// meets its own earlier try.
pub(crate) fn name(mark: &Mark, longest: usize) -> String {
    let hash = hex::encode(&Sha256::digest(mark.to_string())[..4]);
    let Addr { env, component, part } = &mark.addr;
    let readable = format!("{}-{env}-{component}-{part}", mark.project);
    let room = longest.saturating_sub(hash.len() + 1);
    let readable = readable.get(..room).unwrap_or(&readable).trim_end_matches('-');
    format!("{readable}-{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(part: &str) -> Mark {
        Mark {
            installation: InstallationId::new("0a1b2c3d"),
            project: ProjectName::new("shop").unwrap(),
            incarnation: 2,
            addr: Addr::new(&EnvName::new("staging").unwrap(), "cluster-a", part).unwrap(),
            generation: Generation(3),
        }
    }

    #[test]
    fn a_mark_comes_back_from_its_tags() {
        let all = tags(&mark("nodes"));
        let pairs = || all.iter().map(|(key, value)| (*key, value.as_str()));
        assert_eq!(from_tags(pairs()), Some(mark("nodes")));
        for missing in [INSTALLATION, PROJECT, ENVIRONMENT, INCARNATION, RESOURCE, GENERATION] {
            assert_eq!(from_tags(pairs().filter(|(key, _)| *key != missing)), None, "without {missing}");
        }
    }

    #[test]
    fn names_are_short_and_each_marks_own() {
        let long = "a-rather-long-name-of-a-part";
        let (one, two) = (name(&mark(long), 32), name(&mark(&format!("{long}-b")), 32));
        assert!(one.len() <= 32 && one.starts_with("shop-staging-cluster-a"), "{one}");
        assert_ne!(one, two, "cut off where they still read the same");
        assert_eq!(one, name(&mark(long), 32));
    }
}
