//! Changes to what is wanted: put, delete, abort, kill. Each is written down before it is answered.
//!
//! Only says what is wanted; the reconciler makes it so. What a specification must satisfy is checked here, once.

use super::object::Object;
use super::task::{Stopping, Task};
use super::world::World;
use crate::api::{ApiError, ErrorCode, HealthKind, Kill, Kind, Put, Removal, ServiceSpec, Spec, Status};
use crate::net::{HostName, Mode};
use jiff::{SignedDuration, Timestamp};
use std::io;

/// How soon to ask again about something that is on its way.
pub(super) const AGAIN_MS: u64 = 250;

impl World {
    /// Has an object, or changes it. The same token again changes nothing.
    pub(super) async fn put(&mut self, put: &Put, now: Timestamp) -> Result<Status, ApiError> {
        let id = Object::id_of(put);
        if let Some(object) = self.objects.get(&id) {
            if object.removing {
                let message = format!("{id} is being taken away; ask again when it is gone");
                return Err(ApiError::new(ErrorCode::NotYet, message));
            }
            if object.token == put.token {
                return self.status(&id, now);
            }
            if object.superseded.contains(&put.token) {
                let message = format!("a newer change of {id} has been put since; read its status and plan again");
                return Err(ApiError::new(ErrorCode::Conflict, message));
            }
        }
        self.check(&id, &put.spec)?;
        let before = self.objects.get(&id).cloned();
        let mut object = before.clone().unwrap_or_else(|| Object::new(put, now));
        if before.is_some() {
            object.update(put, now);
        }
        if let Spec::Balancer(spec) = &put.spec {
            if before.as_ref().is_some_and(|before| before.wanted != put.spec)
                && let Some(balancer) = self.network.take(&id)
            {
                // The next one needs its port.
                balancer.shutdown().await;
            }
            let port = self.network.balance(&id, object.port, spec.mode).await.map_err(failed)?;
            object.port = Some(port);
        }
        if let Spec::Volume(_) = &put.spec {
            super::files::private_dir(&self.paths.volume(&id)).map_err(failed)?;
        }
        self.objects.insert(id.clone(), object);
        if let Err(error) = self.save(&id) {
            // What isn't written down isn't wanted.
            match before {
                Some(before) => self.objects.insert(id, before),
                None => self.objects.remove(&id),
            };
            return Err(failed(error));
        }
        self.faults.point("put");
        self.network.publish(&self.objects);
        // What is so already needn't wait for the next pass.
        self.settle(&id, now).map_err(failed)?;
        self.wake.notify_one();
        self.status(&id, now)
    }

    /// Takes an object away, unless something refers to it.
    pub(super) fn delete(&mut self, id: &str) -> Result<Removal, ApiError> {
        let gone = Removal { gone: true, note: "gone".to_owned(), again_ms: None };
        let Some(object) = self.objects.get(id) else { return Ok(gone) };
        if let Some(user) = self.user_of(id) {
            let message = format!("{id} ({}) is used by {user}; take that away first", object.mark.addr);
            return Err(ApiError::new(ErrorCode::InUse, message));
        }
        if !object.removing {
            if let Some(object) = self.objects.get_mut(id) {
                object.removing = true;
            }
            self.save(id).map_err(failed)?;
            self.network.publish(&self.objects);
        }
        self.wake.notify_one();
        if self.is_empty(id) {
            self.forget(id).map_err(failed)?;
            return Ok(gone);
        }
        Ok(Removal { gone: false, note: self.held_by(id), again_ms: Some(AGAIN_MS) })
    }

    /// Whether no task holds an object any more.
    pub(super) fn is_empty(&self, id: &str) -> bool {
        self.holders(id).next().is_none()
    }

    /// Ends an object that nothing holds: what it has on disk and what it serves, and last its own record.
    pub(super) fn forget(&mut self, id: &str) -> io::Result<()> {
        let ended: Vec<String> = self.tasks_of(id).map(|task| task.record.id.clone()).collect();
        for task in ended {
            super::files::remove_dir(&self.task_dir(&task))?;
            self.tasks.remove(&task);
        }
        match self.objects.get(id).map(|object| object.wanted.kind()) {
            Some(Kind::Volume) => super::files::remove_dir(&self.paths.volume(id))?,
            Some(Kind::Balancer) => {
                if let Some(balancer) = self.network.take(id) {
                    tokio::spawn(async move { balancer.shutdown().await });
                }
            }
            _ => {}
        }
        self.faults.point("forgetting");
        self.objects.remove(id);
        self.crashes.remove(id);
        self.obstacles.remove(id);
        self.save(id)?;
        self.network.publish(&self.objects);
        Ok(())
    }

    /// Gives up the rollout of a put.
    pub(super) fn abort(&mut self, id: &str, token: &str, now: Timestamp) -> Result<Status, ApiError> {
        let object = self.objects.get_mut(id).ok_or_else(|| not_found("object", id))?;
        if object.token == token && object.give_up("it was aborted", now) {
            self.save(id).map_err(failed)?;
            self.wake.notify_one();
        }
        self.status(id, now)
    }

    /// Kills a task, or a node with its tasks.
    pub(super) fn kill(&mut self, what: &Kill, now: Timestamp) -> Result<(), ApiError> {
        let why = match what {
            Kill::Task(id) if self.tasks.get(id).is_some_and(Task::is_live) => "was killed on request",
            Kill::Task(id) => return Err(not_found("running task", id)),
            Kill::Node(id) => {
                let down = SignedDuration::try_from(self.config.node_down).unwrap_or(SignedDuration::ZERO);
                let node = self.objects.get_mut(id).filter(|object| matches!(object.wanted, Spec::Node(_)));
                node.ok_or_else(|| not_found("node", id))?.down_until = Some(now + down);
                self.save(id).map_err(failed)?;
                "its node was killed"
            }
        };
        for task in self.tasks.values_mut().filter(|task| task.is_live()) {
            let (Kill::Task(hit) | Kill::Node(hit)) = what;
            if task.record.id == *hit || task.record.node == *hit {
                task.record.stopping = Some(Stopping { at: now, why: why.to_owned(), hard: true, told_at: None });
                task.save().map_err(failed)?;
                task.push_to_end(true, now).map_err(failed)?;
            }
        }
        self.wake.notify_one();
        Ok(())
    }

    /// What refers to an object, by id and address.
    fn user_of(&self, id: &str) -> Option<String> {
        self.objects
            .values()
            .find(|other| match &other.wanted {
                Spec::Record(record) => record.zone == id,
                Spec::Route(route) => route.balancer == id,
                Spec::Service(service) => {
                    service.balancers.values().any(|balancer| balancer == id)
                        || service.task.volumes.iter().any(|mount| mount.volume == id)
                }
                Spec::Zone(_) | Spec::Node(_) | Spec::Volume(_) | Spec::Balancer(_) => false,
            })
            .map(|user| format!("{} ({})", user.id, user.mark.addr))
    }

    /// Refuses what can't be carried out.
    fn check(&self, id: &str, spec: &Spec) -> Result<(), ApiError> {
        match spec {
            Spec::Zone(zone) => {
                let renamed = self.objects.get(id).is_some_and(|object| object.wanted != *spec);
                match self.user_of(id).filter(|_| renamed) {
                    Some(user) => Err(invalid(format!("{user} is in the zone under its old name; put another zone"))),
                    None => self.unique(id, "zone", &zone.name),
                }
            }
            Spec::Record(record) => {
                let zone = match self.refers(&record.zone)? {
                    Spec::Zone(zone) => &zone.name,
                    _ => return Err(wrong_kind(&record.zone, "zone")),
                };
                if record.name == *zone || record.name.ends_with(&format!(".{zone}")) {
                    return self.unique(id, "record", &record.name);
                }
                Err(invalid(format!("`{}` isn't in the zone `{zone}`; give a name that ends in it", record.name)))
            }
            Spec::Route(route) => {
                HostName::new(&route.host).map_err(|error| invalid(error.to_string()))?;
                match self.refers(&route.balancer)? {
                    Spec::Balancer(balancer) if balancer.mode == Mode::Http => {}
                    _ => return Err(wrong_kind(&route.balancer, "http balancer")),
                }
                self.unique(id, "host name", &route.host)
            }
            Spec::Service(service) => self.check_service(service),
            Spec::Node(_) | Spec::Volume(_) | Spec::Balancer(_) => Ok(()),
        }
    }

    fn check_service(&self, service: &ServiceSpec) -> Result<(), ApiError> {
        let task = &service.task;
        if task.command.first().is_none_or(String::is_empty) {
            return Err(invalid("the command is empty; give a program and its arguments".to_owned()));
        }
        for (port, balancer) in &service.balancers {
            if !task.ports.iter().any(|known| known.name == *port) {
                return Err(invalid(format!(
                    "there is no port `{port}` to put {balancer} in front of; add it to ports"
                )));
            }
            if !matches!(self.refers(balancer)?, Spec::Balancer(_)) {
                return Err(wrong_kind(balancer, "balancer"));
            }
        }
        for mount in &task.volumes {
            if !matches!(self.refers(&mount.volume)?, Spec::Volume(_)) {
                return Err(wrong_kind(&mount.volume, "volume"));
            }
        }
        if task.health.kind != HealthKind::None && task.ports.is_empty() {
            return Err(invalid("a health check needs a port to ask; add one to ports".to_owned()));
        }
        Ok(())
    }

    fn refers(&self, id: &str) -> Result<&Spec, ApiError> {
        match self.objects.get(id) {
            Some(object) if !object.removing => Ok(&object.wanted),
            Some(_) => Err(ApiError::new(ErrorCode::NotYet, format!("{id} is being taken away; put it again first"))),
            None => Err(invalid(format!("there is no {id} to refer to; put it first"))),
        }
    }

    /// Refuses a name that another object of the kind has.
    fn unique(&self, id: &str, what: &str, name: &str) -> Result<(), ApiError> {
        let same = |spec: &Spec| match (what, spec) {
            ("zone", Spec::Zone(zone)) => zone.name.eq_ignore_ascii_case(name),
            ("record", Spec::Record(record)) => record.name.eq_ignore_ascii_case(name),
            ("host name", Spec::Route(route)) => route.host.eq_ignore_ascii_case(name),
            _ => false,
        };
        match self.objects.values().find(|other| other.id != id && same(&other.wanted)) {
            None => Ok(()),
            Some(other) => {
                let owner = &other.mark;
                let message = format!(
                    "the {what} `{name}` belongs to {} of {}/{} (installation {}, life {}); take that away first, or \
                     choose another name",
                    owner.addr, owner.project, owner.env, owner.installation, owner.incarnation
                );
                Err(ApiError::new(ErrorCode::Conflict, message))
            }
        }
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

fn wrong_kind(id: &str, wanted: &str) -> ApiError {
    invalid(format!("{id} isn't a {wanted}; refer to one"))
}

/// There is none of that name.
pub(super) fn not_found(what: &str, id: &str) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("there is no {what} {id}; list them to see what there is"))
}

/// The operating system didn't let us.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err by name")]
pub(super) fn failed(error: io::Error) -> ApiError {
    ApiError::new(ErrorCode::Failed, format!("the runtime could not do it: {error}; ask again when that is mended"))
}
