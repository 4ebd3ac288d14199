//! One look at everything, and the next step of everything: what the daemon does for ever.
//!
//! Each pass starts from what is there, so it doesn't matter who did what before it, or whether that one lived to see
//! the end. A step that fails is logged and comes up again in the next pass.

use super::clock::millis_between;
use super::health::Answer;
use super::object::{Failure, Rollout, order};
use super::rollout::{self, Fact, Want};
use super::start::NotStarted;
use super::task::{Stopping, Task};
use super::world::{Crashes, World};
use crate::api::{Order, ServiceSpec, Spec, TaskHealth, TaskSpec};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

/// The first task that replaces a crashed one waits so long, the next twice that, and so on.
const BACKOFF_FIRST_MS: u64 = 200;
/// And never longer than this.
const BACKOFF_LONGEST_MS: u64 = 30_000;
/// Crashes that long ago don't count any more.
const FORGIVEN_AFTER_MS: u64 = 120_000;
/// So many ended tasks of a service are kept, for their logs.
const KEPT_ENDED: usize = 10;

impl World {
    /// One pass. Whether anything is on its way, so that the next pass should be soon.
    pub(super) async fn pass(&mut self, now: Timestamp) -> io::Result<bool> {
        self.look_at_tasks(now)?;
        self.hear_answers(now)?;
        self.listen().await;
        let services: Vec<String> =
            self.objects.values().filter(|object| object.service().is_some()).map(|object| object.id.clone()).collect();
        let mut busy = false;
        for service in &services {
            // One service's trouble, with its files say, isn't the others'.
            busy |= self.step_service(service, now).unwrap_or_else(|error| {
                tracing::error!(%service, %error, "a step failed; trying again");
                true
            });
        }
        self.stop_orphans(now)?;
        // Before anything is told to end: what leaves a balancer must have left it.
        self.route();
        busy |= self.end_tasks(now)?;
        busy |= self.finish_removals(now)?;
        self.prune()?;
        Ok(busy || self.halting)
    }

    /// What became of the tasks since the last pass.
    pub(super) fn look_at_tasks(&mut self, now: Timestamp) -> io::Result<()> {
        let ids: Vec<String> = self.tasks.values().filter(|task| task.is_live()).map(|t| t.record.id.clone()).collect();
        for id in ids {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            match task.look(now) {
                Ok(true) => {}
                Ok(false) => {
                    self.ensure_probe(&id);
                    continue;
                }
                Err(error) => {
                    tracing::error!(task = %id, %error, "a task's directory can't be read; trying again");
                    continue;
                }
            }
            let Some(exit) = task.exit.clone() else { continue };
            let what = Task::ending(&exit);
            tracing::info!(task = %id, %what, "task ended");
            if task.record.stopping.is_none() && !task.never_began() {
                let failure = Failure {
                    what,
                    after_ms: millis_between(task.record.started_at, exit.at),
                    last_line: exit.last.last().cloned(),
                };
                let (service, spec) = (task.record.service.clone(), task.record.spec.clone());
                self.count_failure(&service, &spec, failure, now)?;
            }
        }
        Ok(())
    }

    /// A task ended by itself, or never began: it is replaced later each time, and a rollout to it comes nearer to its
    /// end.
    fn count_failure(&mut self, service: &str, of: &TaskSpec, failure: Failure, now: Timestamp) -> io::Result<()> {
        let crashes = self.crashes.entry(service.to_owned()).or_insert(Crashes { count: 0, last: now });
        if millis_between(crashes.last, now) > FORGIVEN_AFTER_MS {
            crashes.count = 0;
        }
        *crashes = Crashes { count: crashes.count.saturating_add(1), last: now };
        let Some(object) = self.objects.get_mut(service) else { return Ok(()) };
        let rolled = object.service().is_some_and(|spec| spec.task == *of);
        if let Some(progress) = &mut object.progress
            && let Some(Rollout { failures }) = &mut progress.rollout
            && progress.reverted.is_none()
            && rolled
        {
            failures.push(failure);
            self.save(service)?;
        }
        Ok(())
    }

    /// What the health checks said since the last pass.
    fn hear_answers(&mut self, now: Timestamp) -> io::Result<()> {
        while let Ok(Answer { task: id, good }) = self.answers.try_recv() {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            if !task.is_live() || task.record.stopping.is_some() {
                continue;
            }
            let rules = &task.record.spec.health;
            let in_grace = millis_between(task.record.started_at, now) < rules.grace_ms && !task.record.served;
            let streak = &mut task.streak;
            match good {
                Ok(()) => (streak.good, streak.bad, streak.problem) = (streak.good.saturating_add(1), 0, None),
                Err(problem) => {
                    let bad = if in_grace { 0 } else { streak.bad.saturating_add(1) };
                    (streak.good, streak.bad, streak.problem) = (0, bad, Some(problem));
                }
            }
            let health = match task.record.health {
                _ if streak.bad >= rules.unhealthy_after.max(1) => TaskHealth::Unhealthy,
                _ if streak.good >= rules.healthy_after.max(1) => TaskHealth::Healthy,
                unchanged => unchanged,
            };
            if health == task.record.health {
                continue;
            }
            task.record.health = health;
            task.record.served |= health == TaskHealth::Healthy;
            task.save()?;
            tracing::info!(task = %id, ?health, "task's health changed");
            if health == TaskHealth::Unhealthy {
                let problem = task.streak.problem.clone().unwrap_or_default();
                let failure = Failure {
                    what: "failed its health check".to_owned(),
                    after_ms: millis_between(task.record.started_at, now),
                    last_line: Some(problem),
                };
                let (service, spec) = (task.record.service.clone(), task.record.spec.clone());
                self.count_failure(&service, &spec, failure, now)?;
                self.stop_task(&id, "failed its health check", now)?;
            }
        }
        Ok(())
    }

    /// The next step of a service. Whether it is on its way.
    fn step_service(&mut self, service: &str, now: Timestamp) -> io::Result<bool> {
        self.settle(service, now)?;
        let spec = self.effective(service).cloned();
        let facts = self.facts(service, spec.as_ref(), now);
        let want = spec.as_ref().map(|spec| Want { replicas: spec.replicas, batch: spec.batch, order: order(spec) });
        let next = rollout::next(want, &facts);
        for id in &next.stop {
            self.stop_task(id, "isn't wanted any more", now)?;
        }
        if !next.stop.is_empty() {
            self.faults.point("old-stopping");
        }
        self.obstacles.remove(service);
        if let Some(spec) = &spec {
            for _ in 0..next.start {
                if !self.begin(service, spec, now)? {
                    break;
                }
            }
        }
        let moving = facts.iter().any(|fact| fact.stopping || !fact.healthy);
        Ok(next.start > 0 || !next.stop.is_empty() || moving)
    }

    /// What the next step is decided from.
    fn facts(&self, service: &str, spec: Option<&ServiceSpec>, now: Timestamp) -> Vec<Fact> {
        // What stops before it starts doesn't leave a node that goes, unless there is room elsewhere.
        let stuck = spec
            .is_some_and(|spec| order(spec) == Order::StopFirst && self.has_room(service, &spec.task, now).is_err());
        self.tasks_of(service)
            .filter(|task| task.is_live())
            .map(|task| Fact {
                id: task.record.id.clone(),
                current: spec.is_some_and(|spec| spec.task == task.record.spec)
                    && (stuck || self.open_node(&task.record.node, now).is_some()),
                healthy: task.serves(),
                stopping: task.record.stopping.is_some(),
                started_at: task.record.started_at,
            })
            .collect()
    }

    /// Starts a task if it's time for one. Whether another may follow.
    fn begin(&mut self, service: &str, spec: &ServiceSpec, now: Timestamp) -> io::Result<bool> {
        if let Some(crashes) = self.crashes.get(service)
            && millis_between(crashes.last, now) < backoff(crashes.count)
        {
            let note = format!("a task is replaced after a pause: {} ended by themselves lately", crashes.count);
            self.obstacles.insert(service.to_owned(), note);
            return Ok(false);
        }
        match self.start_task(service, spec, now) {
            Ok(()) => Ok(true),
            Err(NotStarted::NoRoom(note)) => {
                self.obstacles.insert(service.to_owned(), note);
                Ok(false)
            }
            Err(NotStarted::Failed(what)) => {
                tracing::warn!(%service, %what, "a task couldn't be started");
                self.obstacles.insert(service.to_owned(), format!("a task {what}"));
                let failure = Failure { what, after_ms: 0, last_line: None };
                self.count_failure(service, &spec.task, failure, now)?;
                Ok(false)
            }
        }
    }

    /// Writes down that a put is carried out, or gives it up.
    pub(super) fn settle(&mut self, service: &str, now: Timestamp) -> io::Result<()> {
        let Some(object) = self.objects.get(service) else { return Ok(()) };
        let Some(spec) = object.service().cloned() else { return Ok(()) };
        if object.removing || object.carried_out() || object.reverted().is_some() {
            return Ok(());
        }
        let tally = self.tally(service, Some(&spec), now);
        let complete = tally.healthy == spec.replicas && tally.others == 0 && tally.live == spec.replicas as usize;
        let obstacle = self.obstacle(service).map(|why| format!("; {why}")).unwrap_or_default();
        let note = format!("{} of {} tasks healthy{obstacle}", tally.healthy, spec.replicas);
        let Some(object) = self.objects.get_mut(service) else { return Ok(()) };
        if complete {
            if let Some(progress) = &mut object.progress {
                (progress.serving, progress.settled, progress.rollout) = (Some(spec), true, None);
            }
            tracing::info!(%service, "carried out");
            self.faults.point("complete");
        } else if tally.healthy < spec.replicas
            && let Some(why) = object.hopeless(&note, now)
        {
            tracing::warn!(%service, %why, "rollout given up");
            object.give_up(&why, now);
            self.crashes.remove(service);
        } else {
            return Ok(());
        }
        self.save(service)?;
        self.faults.point("settled");
        Ok(())
    }

    /// Means a task to end; it leaves the balancers with this pass and gets its signal when it is drained.
    fn stop_task(&mut self, id: &str, why: &str, now: Timestamp) -> io::Result<()> {
        let Some(task) = self.tasks.get_mut(id).filter(|task| task.is_live()) else { return Ok(()) };
        if task.record.stopping.is_none() {
            tracing::info!(task = %id, %why, "task is to end");
            task.record.stopping = Some(Stopping { at: now, why: why.to_owned(), hard: false, told_at: None });
            task.save()?;
        }
        Ok(())
    }

    /// Ends tasks whose service is gone. There are none unless a daemon died between two writes.
    fn stop_orphans(&mut self, now: Timestamp) -> io::Result<()> {
        let orphans: Vec<String> = self
            .tasks
            .values()
            .filter(|task| task.is_live() && !self.objects.contains_key(&task.record.service))
            .map(|task| task.record.id.clone())
            .collect();
        orphans.iter().try_for_each(|id| self.stop_task(id, "its service is gone", now))
    }

    /// Puts whatever serves behind the balancers, and nothing else.
    fn route(&self) {
        let mut behind: BTreeMap<String, Vec<SocketAddr>> = BTreeMap::new();
        for task in self.tasks.values().filter(|task| task.serves()) {
            for (balancer, addr) in self.fronts(task) {
                behind.entry(balancer).or_default().push(addr);
            }
        }
        for addrs in behind.values_mut() {
            addrs.sort_unstable();
        }
        self.network.set_backends(&behind);
    }

    /// Takes stopping tasks a step on. Whether there are any.
    fn end_tasks(&mut self, now: Timestamp) -> io::Result<bool> {
        let stopping: Vec<String> = self
            .tasks
            .values()
            .filter(|task| task.is_live() && task.record.stopping.is_some())
            .map(|task| task.record.id.clone())
            .collect();
        for id in &stopping {
            let Some(task) = self.tasks.get(id) else { continue };
            let drained = self.fronts(task).iter().all(|(balancer, addr)| self.network.drained(balancer, *addr));
            if let Some(task) = self.tasks.get_mut(id) {
                task.push_to_end(drained, now)?;
            }
        }
        Ok(!stopping.is_empty())
    }

    /// Forgets objects that were to go and that nothing holds any more, and ends nodes' time away. Whether some are left.
    fn finish_removals(&mut self, now: Timestamp) -> io::Result<bool> {
        let back: Vec<String> = self
            .objects
            .values()
            .filter(|object| object.down_until.is_some_and(|until| until <= now))
            .map(|object| object.id.clone())
            .collect();
        for id in back {
            if let Some(object) = self.objects.get_mut(&id) {
                object.down_until = None;
            }
            self.save(&id)?;
        }
        let going: Vec<String> =
            self.objects.values().filter(|object| object.removing).map(|object| object.id.clone()).collect();
        for id in &going {
            if self.is_empty(id) {
                self.forget(id)?;
            }
        }
        Ok(!going.is_empty())
    }

    /// Takes the directories of long ended tasks away.
    fn prune(&mut self) -> io::Result<()> {
        let mut ended: BTreeMap<&str, Vec<(&Timestamp, &str)>> = BTreeMap::new();
        for task in self.tasks.values().filter(|task| !task.is_live()) {
            let record = &task.record;
            ended.entry(&record.service).or_default().push((&record.started_at, &record.id));
        }
        let mut gone = Vec::new();
        for (service, mut tasks) in ended {
            tasks.sort_unstable();
            let kept = if self.objects.contains_key(service) { KEPT_ENDED } else { 0 };
            let excess = tasks.len().saturating_sub(kept);
            gone.extend(tasks[..excess].iter().map(|(_, id)| (*id).to_owned()));
        }
        for id in gone {
            super::files::remove_dir(&self.task_dir(&id))?;
            self.tasks.remove(&id);
        }
        Ok(())
    }

    /// Whether any object is a node that is down, which then comes back by itself.
    pub(super) fn waits_for_nodes(&self) -> bool {
        self.objects.values().any(|object| matches!(object.wanted, Spec::Node(_)) && object.down_until.is_some())
    }
}

fn backoff(crashes: u32) -> u64 {
    BACKOFF_FIRST_MS.saturating_mul(1 << crashes.saturating_sub(1).min(16)).min(BACKOFF_LONGEST_MS)
}
