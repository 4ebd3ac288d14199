//! The project files of an installation: read at start and when somebody says `reload`, each revision kept.

use crate::{platforms, rights};
use gantry_commands::{Category, Names, Verb, Vocabulary};
use gantry_engine::apply::Projects;
use gantry_engine::audit::{Event, What};
use gantry_engine::change::Actor;
use gantry_engine::environment::{Environment, Phase};
use gantry_engine::names::{Digest, EnvName, ProjectName, UserId};
use gantry_engine::ports::{Clock, Revision, Store, StoreError};
use gantry_engine::project::Project;
use gantry_project::Findings;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Why project files can't be used. Those that were in use stay in use.
#[derive(Debug, thiserror::Error)]
pub enum BadProjects {
    /// A file can't be read.
    #[error("{} can't be read: {why}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A file says something that can't be.
    #[error("{} isn't a valid project file", .file.display())]
    Invalid {
        /// Which.
        file: PathBuf,
        /// What is wrong, with places.
        findings: Box<Findings>,
    },
    /// Two files are about one project.
    #[error("{} and {} both say that they are the project `{name}`; rename one of them", .files[0].display(), .files[1].display())]
    Twice {
        /// Its name.
        name: ProjectName,
        /// The files.
        files: [PathBuf; 2],
    },
    /// A project that was there isn't any more, and environments of it live.
    #[error("no file is about the project `{name}` any more, but {} of it still run; tear them down first, or give the project its name back", living.iter().map(|env| format!("`{env}`")).collect::<Vec<_>>().join(", "))]
    Gone {
        /// Its name.
        name: ProjectName,
        /// What lives.
        living: Vec<EnvName>,
    },
    /// A revision can't be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The projects as they were read last.
pub struct ProjectFiles {
    files: Vec<PathBuf>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    loaded: RwLock<BTreeMap<ProjectName, Arc<Project>>>,
}

impl ProjectFiles {
    /// Reads the files.
    ///
    /// # Errors
    /// [`BadProjects`] says which, where, and what is expected.
    pub async fn open(files: Vec<PathBuf>, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, BadProjects> {
        let projects = Self { files, store, clock, loaded: RwLock::default() };
        projects.reload(None).await?;
        Ok(projects)
    }

    /// Reads the files again, for somebody or for a start: all of them, or none. Gives the projects whose revision is
    /// another one now.
    ///
    /// # Errors
    /// [`BadProjects`]: what was in use stays in use.
    pub async fn reload(&self, by: Option<&UserId>) -> Result<Vec<ProjectName>, BadProjects> {
        let mut fresh = BTreeMap::new();
        let mut origin: BTreeMap<ProjectName, &PathBuf> = BTreeMap::new();
        let mut texts = Vec::new();
        for file in &self.files {
            let Read { project, text, .. } = read(file)?;
            if let Some(other) = origin.insert(project.name.clone(), file) {
                return Err(BadProjects::Twice { name: project.name, files: [other.clone(), file.clone()] });
            }
            texts.push((project.name.clone(), project.revision.clone(), text));
            fresh.insert(project.name.clone(), Arc::new(project));
        }
        self.keeps_the_living(&fresh).await?;
        let before = self.all();
        let mut changed = Vec::new();
        for (project, digest, text) in texts {
            let from = before.get(&project).map(|before| before.revision.clone());
            let is_other = from.as_ref() != Some(&digest);
            let event = is_other.then(|| self.reloaded(&project, (from, &digest), by));
            changed.extend(is_other.then(|| project.clone()));
            self.store.keep_revision(Revision { project, digest, text, at: self.clock.now() }, event).await?;
        }
        changed.sort();
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(changed)
    }

    /// What the record says of a file that was read.
    fn reloaded(&self, project: &ProjectName, (from, to): (Option<Digest>, &Digest), by: Option<&UserId>) -> Event {
        Event {
            at: self.clock.now(),
            by: by.cloned().map(Actor::User),
            key: None,
            op: None,
            because: None,
            what: What::Reloaded { project: project.clone(), from, to: to.clone() },
        }
    }

    /// An environment whose project is gone could neither be looked at nor torn down. At a start there is nothing to fall
    /// back on, so this is about a reload.
    async fn keeps_the_living(&self, fresh: &BTreeMap<ProjectName, Arc<Project>>) -> Result<(), BadProjects> {
        let environments = self.store.environments().await?;
        for name in self.all().into_keys().filter(|name| !fresh.contains_key(name)) {
            let living = environments.iter().filter(|env| env.key.project == name && env.phase == Phase::Live);
            let living: Vec<EnvName> = living.map(|env| env.key.env.clone()).collect();
            if !living.is_empty() {
                return Err(BadProjects::Gone { name, living });
            }
        }
        Ok(())
    }

    /// All projects.
    #[must_use]
    pub fn all(&self) -> BTreeMap<ProjectName, Arc<Project>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names that exist: those of the files, and environments that live or lived.
    #[must_use]
    pub fn vocabulary(&self, environments: &[Environment]) -> Vocabulary {
        let mut lived: BTreeMap<&ProjectName, BTreeSet<&EnvName>> = BTreeMap::new();
        for env in environments {
            lived.entry(&env.key.project).or_default().insert(&env.key.env);
        }
        let mut vocabulary = Vocabulary::new();
        for (name, project) in self.all() {
            let named = project.environments.iter().filter_map(|settings| settings.pattern.exact());
            let more = lived.get(&name).into_iter().flatten().map(|env| (*env).clone());
            let patterns = project.environments.iter().map(|settings| settings.pattern.0.clone());
            let names =
                Names::new(project.services.keys().cloned(), named.chain(more), project.clusters.keys().cloned());
            vocabulary.insert(name, names.with_new(patterns.filter(|pattern| pattern.contains('*'))));
        }
        vocabulary
    }
}

impl Projects for ProjectFiles {
    fn project(&self, name: &ProjectName) -> Option<Arc<Project>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

/// A project file that was read.
pub struct Read {
    /// What it means.
    pub project: Project,
    /// Its text.
    pub text: String,
    /// What is worth a look, though it can be.
    pub warnings: Findings,
}

/// Reads one project file.
///
/// # Errors
/// [`BadProjects`] says what is wrong, and where.
pub fn read(file: &Path) -> Result<Read, BadProjects> {
    let text = std::fs::read_to_string(file).map_err(|why| BadProjects::Unreadable { file: file.to_owned(), why })?;
    let changes = Verb::ALL.iter().filter(|verb| verb.spec().category == Category::Change);
    let skipping: Vec<String> = changes.map(|verb| rights::skipping(verb.name())).collect();
    let verbs: Vec<&str> =
        Verb::ALL.iter().map(|verb| verb.name()).chain(skipping.iter().map(String::as_str)).collect();
    let vocabulary = gantry_project::Vocabulary { verbs: &verbs, platforms: &platforms::known() };
    let inspection = gantry_project::inspect(&text, &file.display().to_string(), &vocabulary);
    match inspection.project {
        Some(project) => Ok(Read { project, text, warnings: inspection.findings }),
        None => Err(BadProjects::Invalid { file: file.to_owned(), findings: Box::new(inspection.findings) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::ports::{Commit, RecordChange};
    use gantry_testkit::clock::ManualClock;
    use gantry_testkit::memory_store::MemoryStore;
    use gantry_testkit::{sample, store_suite::samples};
    use std::io::Write;

    fn write(file: &mut tempfile::NamedTempFile, name: &str) {
        file.as_file_mut().set_len(0).unwrap();
        let text = format!(
            "version = 1\n[project]\nname = \"{name}\"\n[clusters.a]\nnodes = 1\n[services.web]\ncommand = [\"web\"]\n"
        );
        std::fs::write(file.path(), text).unwrap();
        file.flush().unwrap();
    }

    #[tokio::test]
    async fn a_reload_keeps_a_project_whose_environments_live() {
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::<ManualClock>::default());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write(&mut file, sample::project_name("shop").as_str());
        let files = ProjectFiles::open(vec![file.path().to_owned()], store.clone(), clock).await.unwrap();
        let lease = samples::leased(store.as_ref(), "d1", "dev").await.unwrap();
        let to = samples::environment("dev", 1, 1);
        assert_eq!(to.key.project, sample::project_name("shop"), "the sample is of that project");
        let record = Some(RecordChange { from: None, to });
        store.append(Commit { record, ..samples::work(&lease, 1, "it is born") }).await.unwrap();

        write(&mut file, "market");
        let refused = files.reload(None).await.unwrap_err();
        assert!(matches!(&refused, BadProjects::Gone { name, .. } if name.as_str() == "shop"), "{refused}");
        assert!(files.project(&sample::project_name("shop")).is_some(), "what was in use stays in use");
    }

    #[test]
    fn the_example_on_aws_is_the_example_on_a_laptop_with_more_said() {
        let example = |name: &str| {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/mini-soa").join(name);
            let Read { project, warnings, .. } = read(&file).unwrap();
            assert!(warnings.is_empty(), "{warnings:?}");
            project
        };
        let (laptop, aws) = (example("gantry.toml"), example("gantry-aws.toml"));
        let staging = aws.environment(&EnvName::new("staging").unwrap()).unwrap();
        assert_eq!(staging.platform.as_str(), gantry_aws::settings::PLATFORM);
        assert_eq!(aws.settings_for(staging).get("zone").unwrap().as_text(), Some("example.com"));
        let commands = |project: &Project| -> Vec<_> {
            project.services.iter().map(|(name, service)| (name.clone(), service.command.clone())).collect()
        };
        assert_eq!(commands(&laptop), commands(&aws), "the same file serves `dev` on a laptop");
        for service in aws.services.values() {
            assert!(service.image.is_some() && service.ports.iter().all(|port| port.container.is_some()));
        }
    }
}
