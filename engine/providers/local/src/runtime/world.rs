//! Everything the daemon knows: the wanted objects, the tasks, and what it serves; and how that is found again.
//!
//! Behind one lock. Loading reads what an earlier daemon wrote and touches no process: tasks that run are simply there.

use super::config::{RuntimeConfig, RuntimeError};
use super::faults::Faults;
use super::files;
use super::health::Answer;
use super::network::Network;
use super::object::{self, Object};
use super::task::{self, Record, Task};
use crate::api::{NodeSpec, ServiceSpec, Spec};
use crate::paths::Paths;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Everything.
pub(super) struct World {
    pub(super) config: RuntimeConfig,
    pub(super) paths: Paths,
    pub(super) faults: Faults,
    pub(super) network: Network,
    pub(super) objects: BTreeMap<String, Object>,
    /// By id; ended ones stay a while for their logs.
    pub(super) tasks: BTreeMap<String, Task>,
    /// By service id.
    pub(super) crashes: BTreeMap<String, Crashes>,
    /// By service id: why a start isn't possible now.
    pub(super) obstacles: BTreeMap<String, String>,
    pub(super) answers: UnboundedReceiver<Answer>,
    pub(super) answers_to: UnboundedSender<Answer>,
    /// Wakes the reconciler.
    pub(super) wake: Arc<Notify>,
    pub(super) started: Timestamp,
    /// All tasks are to end, and none to start: the daemon ends with them.
    pub(super) halting: bool,
}

/// How often tasks of a service ended by themselves lately.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crashes {
    pub(super) count: u32,
    pub(super) last: Timestamp,
}

impl World {
    /// Reads everything back, and binds what is served.
    pub(super) async fn load(config: RuntimeConfig, paths: Paths, now: Timestamp) -> Result<Self, RuntimeError> {
        let network = Network::start(&config, &paths).await?;
        let mut objects = load_objects(&paths).map_err(RuntimeError::io("read the objects"))?;
        // Rollouts don't run out of time while nobody carries them out.
        objects.values_mut().filter_map(|object| object.progress.as_mut()).for_each(|progress| progress.since = now);
        let tasks = load_tasks(&paths).map_err(RuntimeError::io("read the tasks"))?;
        let (answers_to, answers) = unbounded_channel();
        let mut world = Self {
            faults: Faults::new(config.fault.clone()),
            config,
            paths,
            network,
            objects,
            tasks,
            crashes: BTreeMap::new(),
            obstacles: BTreeMap::new(),
            answers,
            answers_to,
            wake: Arc::new(Notify::new()),
            started: now,
            halting: false,
        };
        // Whoever asks first gets to hear what is, not what was.
        world.look_at_tasks(now).map_err(RuntimeError::io("look at the tasks"))?;
        world.listen().await;
        world.network.publish(&world.objects);
        Ok(world)
    }

    /// Sees to it that every balancer listens where it did before.
    pub(super) async fn listen(&mut self) {
        for object in self.objects.values() {
            if let Spec::Balancer(spec) = &object.wanted
                && !object.removing
                && !self.network.listens(&object.id)
                && let Err(error) = self.network.balance(&object.id, object.port, spec.mode).await
            {
                tracing::debug!(id = %object.id, %error, "a balancer's port is taken; trying again");
            }
        }
    }

    /// Writes an object down, durably.
    pub(super) fn save(&self, id: &str) -> io::Result<()> {
        match self.objects.get(id) {
            Some(object) => files::write(&self.paths.object(id), object),
            None => files::remove(&self.paths.object(id)),
        }
    }

    /// The tasks of a service.
    pub(super) fn tasks_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Task> {
        self.tasks.values().filter(move |task| task.record.service == service)
    }

    /// What a service's tasks should be now.
    pub(super) fn effective(&self, service: &str) -> Option<&ServiceSpec> {
        if self.halting {
            return None;
        }
        self.objects.get(service)?.effective()
    }

    /// The node, if it is there, up and staying.
    pub(super) fn open_node(&self, id: &str, now: Timestamp) -> Option<&NodeSpec> {
        let object = self.objects.get(id)?;
        let up = object.down_until.is_none_or(|until| until <= now);
        match &object.wanted {
            Spec::Node(node) if up && !object.removing => Some(node),
            _ => None,
        }
    }

    /// Where a task listens, by the balancers in front of it.
    pub(super) fn fronts(&self, task: &Task) -> Vec<(String, SocketAddr)> {
        let object = self.objects.get(&task.record.service);
        let Some(service) = object.and_then(|object| object.effective().or(object.service())) else {
            return Vec::new();
        };
        service
            .balancers
            .iter()
            .filter_map(|(port, balancer)| {
                let number = *task.record.ports.get(port)?;
                Some((balancer.clone(), SocketAddr::from(([127, 0, 0, 1], number))))
            })
            .collect()
    }

    /// The directory of a task.
    pub(super) fn task_dir(&self, id: &str) -> PathBuf {
        self.paths.tasks().join(id)
    }
}

fn load_objects(paths: &Paths) -> io::Result<BTreeMap<String, Object>> {
    files::private_dir(&paths.objects())?;
    let mut objects = BTreeMap::new();
    for entry in fs::read_dir(paths.objects())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json")
            && let Some(object) = files::read::<Object>(&path)?
        {
            if object.format > object::FORMAT {
                return Err(newer(&path));
            }
            objects.insert(object.id.clone(), object);
        }
    }
    Ok(objects)
}

/// A directory without a record is from a daemon that died before it meant anything by it: nothing was started there.
fn load_tasks(paths: &Paths) -> io::Result<BTreeMap<String, Task>> {
    files::private_dir(&paths.tasks())?;
    let mut tasks = BTreeMap::new();
    for entry in fs::read_dir(paths.tasks())? {
        let dir = entry?.path();
        match files::read::<Record>(&dir.join("task.json"))? {
            Some(record) if record.format > task::FORMAT => return Err(newer(&dir)),
            Some(record) => {
                tasks.insert(record.id.clone(), Task::new(record, dir));
            }
            None => files::remove_dir(&dir)?,
        }
    }
    Ok(tasks)
}

fn newer(path: &Path) -> io::Error {
    let path = path.display();
    io::Error::other(format!("{path} was written by a newer version; run that one, or move the file away"))
}
