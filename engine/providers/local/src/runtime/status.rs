//! How objects and tasks are, as answers.
//!
//! Projections only: reading them changes nothing.

use super::clock::millis_between;
use super::object::Object;
use super::put::{AGAIN_MS, not_found};
use super::task::Task;
use super::world::World;
use crate::api::{ApiError, DaemonStatus, Filter, ServiceSpec, Spec, State, Status, TaskHealth, TaskState, TaskView};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// After a revert it is waited so long for what served before to be complete again.
const MENDED_WITHIN_MS: u64 = 30_000;

/// How a service's tasks stand against a specification.
pub(super) struct Tally {
    pub(super) healthy: u32,
    /// Of another specification, or being stopped.
    pub(super) others: usize,
    pub(super) live: usize,
}

impl World {
    /// How an object is.
    pub(super) fn status(&self, id: &str, now: Timestamp) -> Result<Status, ApiError> {
        let object = self.objects.get(id).ok_or_else(|| not_found("object", id))?;
        let (state, note) = self.standing(object, now);
        let settled = matches!(state, State::Ready | State::Reverted);
        Ok(Status {
            id: object.id.clone(),
            kind: object.wanted.kind(),
            mark: object.mark.clone(),
            token: object.token.clone(),
            state,
            note,
            outputs: self.outputs(object, now),
            again_ms: (!settled).then_some(AGAIN_MS),
            reverted: object.reverted().filter(|_| state == State::Reverted),
            wanted: object.wanted.clone(),
        })
    }

    fn standing(&self, object: &Object, now: Timestamp) -> (State, String) {
        if object.removing {
            return (State::Removing, self.held_by(&object.id));
        }
        match &object.wanted {
            Spec::Service(spec) => self.service_standing(object, spec, now),
            Spec::Balancer(_) if !self.network.listens(&object.id) => {
                let port = object.port.unwrap_or_default();
                (State::Pending, format!("another program has its port {port}; end that one"))
            }
            Spec::Node(_) if self.open_node(&object.id, now).is_none() => (State::Ready, "down".to_owned()),
            Spec::Node(_) => (State::Ready, "up".to_owned()),
            Spec::Zone(_) | Spec::Record(_) | Spec::Volume(_) | Spec::Balancer(_) | Spec::Route(_) => {
                (State::Ready, "there".to_owned())
            }
        }
    }

    fn service_standing(&self, object: &Object, wanted: &ServiceSpec, now: Timestamp) -> (State, String) {
        let effective = object.effective();
        let replicas = effective.map_or(0, |spec| spec.replicas);
        let tally = self.tally(&object.id, effective, now);
        let healthy = format!("{} of {replicas} tasks healthy", tally.healthy);
        let why = self.obstacle(&object.id).map(|why| format!("; {why}")).unwrap_or_default();
        if object.carried_out() {
            return (State::Ready, if tally.healthy < replicas { format!("{healthy}{why}") } else { healthy });
        }
        let Some(given_up) = object.progress.as_ref().and_then(|progress| progress.reverted.as_ref()) else {
            let release = wanted.task.release;
            return (State::Pending, format!("release {release}: {healthy}{why}"));
        };
        let mended = tally.healthy == replicas || millis_between(given_up.at, now) > MENDED_WITHIN_MS;
        if mended && tally.others == 0 {
            return (State::Reverted, healthy);
        }
        (State::Pending, format!("reverting: {healthy}, {} to stop", tally.others))
    }

    /// The tasks that must end before this service or node can go.
    pub(super) fn holders<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Task> {
        let holds = move |task: &&Task| task.record.service == id || task.record.node == id;
        self.tasks.values().filter(|task| task.is_live()).filter(holds)
    }

    /// What a removal waits for.
    pub(super) fn held_by(&self, id: &str) -> String {
        let why = self.holders(id).find_map(|task| self.obstacles.get(&task.record.service));
        let why = why.map(|why| format!("; {why}")).unwrap_or_default();
        format!("{} tasks have to end first{why}", self.holders(id).count())
    }

    /// Counts a service's tasks.
    pub(super) fn tally(&self, service: &str, spec: Option<&ServiceSpec>, now: Timestamp) -> Tally {
        let live = || self.tasks_of(service).filter(|task| task.is_live());
        let current = |task: &&Task| {
            task.record.stopping.is_none()
                && spec.is_some_and(|spec| spec.task == task.record.spec)
                && self.open_node(&task.record.node, now).is_some()
        };
        let healthy = live().filter(current).filter(|task| task.serves()).count();
        Tally {
            healthy: u32::try_from(healthy).unwrap_or(u32::MAX),
            others: live().filter(|task| !current(task)).count(),
            live: live().count(),
        }
    }

    /// Why a service isn't further: no room, or what its tasks' last health check said.
    pub(super) fn obstacle(&self, service: &str) -> Option<String> {
        self.obstacles.get(service).cloned().or_else(|| {
            self.tasks_of(service)
                .filter(|task| task.is_live() && task.record.stopping.is_none())
                .filter(|task| task.record.health != TaskHealth::Healthy)
                .find_map(|task| task.streak.problem.clone())
                .map(|problem| format!("health check: {problem}"))
        })
    }

    fn outputs(&self, object: &Object, now: Timestamp) -> BTreeMap<String, String> {
        let pairs = match &object.wanted {
            Spec::Zone(zone) => {
                vec![("name", zone.name.clone()), ("server", self.network.dns.addr().to_string())]
            }
            Spec::Record(record) => vec![("name", record.name.clone())],
            Spec::Node(_) => {
                let up = self.open_node(&object.id, now).is_some();
                vec![("state", if up { "up" } else { "down" }.to_owned())]
            }
            Spec::Volume(_) => vec![("path", self.paths.volume(&object.id).display().to_string())],
            Spec::Balancer(_) => match object.port {
                Some(port) => vec![("address", format!("127.0.0.1:{port}")), ("port", port.to_string())],
                None => vec![],
            },
            Spec::Route(route) => {
                let port = self.network.edge.addr().port();
                vec![("host", route.host.clone()), ("url", format!("http://{}:{port}/", route.host))]
            }
            Spec::Service(_) => {
                let effective = object.effective();
                let tally = self.tally(&object.id, effective, now);
                let mut pairs = vec![("healthy", tally.healthy.to_string())];
                if let Some(spec) = effective {
                    pairs.push(("release", spec.task.release.to_string()));
                    pairs.push(("version", spec.task.version.clone()));
                    pairs.push(("replicas", spec.replicas.to_string()));
                }
                pairs
            }
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Everything that matches.
    pub(super) fn list(&self, filter: &Filter, now: Timestamp) -> Vec<Status> {
        let matching = self.objects.values().filter(|object| filter.matches(&object.mark));
        matching.filter_map(|object| self.status(&object.id, now).ok()).collect()
    }

    /// The tasks of matching services, oldest first.
    pub(super) fn task_views(&self, filter: &Filter) -> Vec<TaskView> {
        let mut views: Vec<TaskView> = self
            .tasks
            .values()
            .filter(|task| filter.service.as_ref().is_none_or(|id| *id == task.record.service))
            .filter_map(|task| self.task_view(task))
            .filter(|view| filter.matches(&view.mark))
            .collect();
        views.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
        views
    }

    fn task_view(&self, task: &Task) -> Option<TaskView> {
        let record = &task.record;
        let state = match (&task.exit, &record.stopping) {
            (Some(_), _) => TaskState::Exited,
            (None, Some(_)) => TaskState::Stopping,
            (None, None) => TaskState::Running,
        };
        Some(TaskView {
            id: record.id.clone(),
            service: record.service.clone(),
            mark: self.objects.get(&record.service)?.mark.clone(),
            node: record.node.clone(),
            node_addr: self.objects.get(&record.node).map(|node| node.mark.addr.clone()),
            release: record.spec.release,
            version: record.spec.version.clone(),
            state,
            health: record.health,
            pid: task.run.filter(|_| task.is_live()).map(|run| run.child.pid),
            ports: record.ports.clone(),
            started_at: record.started_at,
            restarts: record.restarts,
            exit: task.exit.clone(),
        })
    }

    /// How the daemon is.
    pub(super) fn daemon_status(&self) -> DaemonStatus {
        let mut objects = BTreeMap::new();
        for object in self.objects.values() {
            *objects.entry(object.wanted.kind()).or_default() += 1;
        }
        DaemonStatus {
            protocol: crate::api::PROTOCOL,
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: self.started,
            edge: self.network.edge.addr().to_string(),
            dns: self.network.dns.addr().to_string(),
            objects,
            tasks: self.tasks.values().filter(|task| task.is_live()).count(),
        }
    }
}
