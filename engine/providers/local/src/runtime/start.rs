//! Starting a task: choose a node and ports, write the intent down, then spawn the shim.
//!
//! Whether the spawn worked out is not assumed from here on: the task's directory tells.

use super::files;
use super::health;
use super::placement::{Need, Room, place};
use super::process::MARKER;
use super::task::{FORMAT, Record, Task};
use super::world::World;
use crate::api::{NodeSpec, ServiceSpec, Spec, TaskHealth, TaskSpec};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a task isn't started, as a note for people.
pub(super) enum NotStarted {
    /// It waits for a node.
    NoRoom(String),
    /// It was tried in vain.
    Failed(String),
}

/// What tasks get when the daemon's own environment has none.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

impl World {
    /// Starts one task of a service.
    pub(super) fn start_task(&mut self, service: &str, spec: &ServiceSpec, now: Timestamp) -> Result<(), NotStarted> {
        let task = &spec.task;
        let need = Need { cpu_millis: task.cpu_millis, memory_mib: task.memory_mib };
        let node = place(&task.cluster, &self.rooms(service, &task.cluster, now), need).map_err(NotStarted::NoRoom)?;
        let ports = self.free_ports(task).map_err(|error| NotStarted::Failed(format!("found no port: {error}")))?;
        let record = Record {
            format: FORMAT,
            id: task_id(service, &ports, now),
            service: service.to_owned(),
            node,
            spec: task.clone(),
            ports,
            started_at: now,
            restarts: self.crashes.get(service).map_or(0, |crashes| crashes.count),
            health: TaskHealth::Starting,
            served: false,
            stopping: None,
        };
        let environment = self.environment(&record).map_err(NotStarted::Failed)?;
        let dir = self.task_dir(&record.id);
        let mut task = Task::new(record, dir);
        files::private_dir(&task.dir)
            .and_then(|()| task.save())
            .map_err(|error| NotStarted::Failed(format!("could not be written to {}: {error}", task.dir.display())))?;
        self.faults.point("task-written");
        let spawned = self.spawn(&mut task, &environment);
        self.faults.point("task-spawned");
        if let Err(error) = spawned {
            drop(files::remove_dir(&task.dir));
            let exe = self.config.exe.display();
            return Err(NotStarted::Failed(format!("could not be started through {exe}: {error}")));
        }
        tracing::info!(task = %task.record.id, %service, node = %task.record.node, "task started");
        self.tasks.insert(task.record.id.clone(), task);
        Ok(())
    }

    /// Whether a task of a service could be started now, or what lacks.
    pub(super) fn has_room(&self, service: &str, task: &TaskSpec, now: Timestamp) -> Result<(), String> {
        let need = Need { cpu_millis: task.cpu_millis, memory_mib: task.memory_mib };
        place(&task.cluster, &self.rooms(service, &task.cluster, now), need).map(drop)
    }

    /// The nodes of a cluster that take tasks, with what isn't reserved on them.
    fn rooms(&self, service: &str, cluster: &str, now: Timestamp) -> Vec<Room> {
        let open = |object: &&super::object::Object| matches!(&object.wanted, Spec::Node(NodeSpec { cluster: of, .. }) if of == cluster);
        self.objects
            .values()
            .filter(open)
            .filter_map(|object| Some((object.id.clone(), self.open_node(&object.id, now)?)))
            .map(|(node, spec)| {
                let on_it = || self.tasks.values().filter(|task| task.is_live() && task.record.node == node);
                let cpu: u32 = on_it().map(|task| task.record.spec.cpu_millis).sum();
                let memory: u32 = on_it().map(|task| task.record.spec.memory_mib).sum();
                Room {
                    cpu_free: spec.cpu_millis.saturating_sub(cpu),
                    memory_free: spec.memory_mib.saturating_sub(memory),
                    same_service: on_it().filter(|task| task.record.service == service).count(),
                    node,
                }
            })
            .collect()
    }

    /// Port numbers that nobody listens on now, and that no task of ours was given. Somebody else may still take one
    /// before the task does; the task then ends, and the next one gets others.
    fn free_ports(&self, task: &TaskSpec) -> io::Result<BTreeMap<String, u16>> {
        let given: BTreeSet<u16> = self
            .tasks
            .values()
            .filter(|task| task.is_live())
            .flat_map(|task| task.record.ports.values().copied())
            .collect();
        // Held until all are chosen, so that they differ.
        let mut held = Vec::new();
        let mut ports = BTreeMap::new();
        for port in &task.ports {
            loop {
                let listener = TcpListener::bind(("127.0.0.1", 0))?;
                let number = listener.local_addr()?.port();
                held.push(listener);
                if !given.contains(&number) {
                    ports.insert(port.name.clone(), number);
                    break;
                }
            }
        }
        Ok(ports)
    }

    /// The whole environment of a task. Nothing else of the daemon's gets to it.
    fn environment(&self, record: &Record) -> Result<BTreeMap<String, String>, String> {
        let lookup = self.config.env;
        let mut env = record.spec.env.clone();
        for (name, reference) in &record.spec.secrets {
            let value = resolve(reference, lookup).map_err(|why| format!("lacked the secret {name}: {why}"))?;
            env.insert(name.clone(), value);
        }
        for mount in &record.spec.volumes {
            env.insert(mount.env.clone(), self.paths.volume(&mount.volume).display().to_string());
        }
        for (index, port) in record.spec.ports.iter().enumerate() {
            if let Some(number) = record.ports.get(&port.name) {
                env.insert(format!("PORT_{}", variable(&port.name)), number.to_string());
                if index == 0 {
                    env.insert("PORT".to_owned(), number.to_string());
                }
            }
        }
        let path = env.remove("PATH").or_else(|| lookup("PATH")).unwrap_or_else(|| DEFAULT_PATH.to_owned());
        let ours = self.config.exe.parent().unwrap_or(Path::new("/")).display().to_string();
        env.insert("PATH".to_owned(), format!("{ours}:{path}"));
        for (name, value) in [
            ("HOME", lookup("HOME").unwrap_or_else(|| "/".to_owned())),
            ("LANG", lookup("LANG").unwrap_or_else(|| "C.UTF-8".to_owned())),
            ("VERSION", record.spec.version.clone()),
            ("RELEASE", record.spec.release.to_string()),
        ] {
            env.entry(name.to_owned()).or_insert(value);
        }
        env.insert("GANTRY_NODE".to_owned(), record.node.clone());
        env.insert(MARKER.to_owned(), record.id.clone());
        Ok(env)
    }

    fn spawn(&self, task: &mut Task, environment: &BTreeMap<String, String>) -> io::Result<()> {
        let mut shim = tokio::process::Command::new(&self.config.exe)
            .arg("shim")
            .arg(&task.dir)
            .env_clear()
            .envs(environment)
            .current_dir(&task.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let ended = Arc::new(AtomicBool::new(false));
        task.shim_ended = Some(ended.clone());
        let wake = self.wake.clone();
        tokio::spawn(async move {
            drop(shim.wait().await);
            ended.store(true, Ordering::Release);
            wake.notify_one();
        });
        Ok(())
    }

    /// Begins to ask a task how it is, once; also for adopted tasks.
    pub(super) fn ensure_probe(&mut self, id: &str) {
        let answers = self.answers_to.clone();
        let Some(task) = self.tasks.get_mut(id) else { return };
        if task.probe.is_none() && task.run.is_some() && task.is_live() {
            let spec = &task.record.spec;
            let number = spec.ports.first().and_then(|port| task.record.ports.get(&port.name));
            let addr = number.map(|number| SocketAddr::from(([127, 0, 0, 1], *number)));
            task.probe = Some(health::watch(id.to_owned(), spec.health.clone(), addr, answers));
        }
    }
}

/// Ids are unique because no two starts of a service share both the instant and the ports.
fn task_id(service: &str, ports: &BTreeMap<String, u16>, now: Timestamp) -> String {
    let text = format!("{service} {ports:?} {}", now.as_nanosecond());
    format!("task-{}", hex::encode(&Sha256::digest(text)[..5]))
}

/// The value behind a secret reference. Errors name the reference, never a value.
fn resolve(reference: &str, env: fn(&str) -> Option<String>) -> Result<String, String> {
    match reference.split_once(':') {
        Some(("file", path)) => fs::read_to_string(path)
            .map(|value| value.trim_end_matches('\n').to_owned())
            .map_err(|error| format!("cannot read {path}: {error}")),
        Some(("env", name)) => {
            env(name).ok_or_else(|| format!("the runtime's environment has no {name}; start it with that set"))
        }
        _ => Err(format!("`{reference}` is no reference; write file:/path or env:NAME")),
    }
}

/// A port's name as part of a variable's.
fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}
