//! From what people ask for to the record that would be: pure, complete, and refused with the remedy where it can't be.

mod refused;

pub use refused::Refused;

use crate::change::{Actor, Change, Extension, Request};
use crate::environment::{Delta, Environment, Phase, Release, ReleaseNo, Running};
use crate::names::{Component, EnvName, OpId, ServiceName, UserId, Version};
use crate::plan::Scope;
use crate::project::{Danger, EnvironmentSettings, Policy, Project, Service, VolumesAtEnd};
use crate::undo::Residue;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What a proposal is made from.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The project as it is meant now.
    pub project: &'a Project,
    /// The environment's record, living or gone.
    pub current: Option<&'a Environment>,
    /// Every release of its services.
    pub releases: &'a [Release],
    /// The other environments.
    pub others: &'a [Environment],
    /// Of an undo: what is taken back.
    pub residue: Option<&'a Residue>,
}

/// The record that would be, and what a plan for it may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What changes in the record.
    pub delta: Delta,
    /// The record that would be.
    pub after: Environment,
    /// What the plan may touch.
    pub scope: Scope,
    /// Whose word its environment asks for.
    pub policy: Policy,
    /// The services that it names or brings.
    pub services: BTreeSet<ServiceName>,
    /// Whether the record would be another one.
    pub is_new: bool,
    /// Whether the environment would live longer than it does now.
    pub is_longer: bool,
}

impl Proposal {
    /// Whether it lets the environment live longer than its maximum.
    #[must_use]
    pub fn is_beyond_maximum(&self) -> bool {
        let beyond = |latest| self.after.expiry.is_none_or(|end| end > latest);
        self.delta.expiry.is_some() && self.after.latest.is_some_and(beyond)
    }
}

/// The record that a request would make.
///
/// # Errors
/// [`Refused`] says why it can't be, and the remedy.
pub fn propose(request: &Request, world: &World<'_>) -> Result<Proposal, Refused> {
    let env = &request.key.env;
    let no_such = || Refused::NoSuchEnvironment {
        project: world.project.name.clone(),
        env: env.clone(),
        known: world.project.environments.iter().map(|settings| settings.pattern.0.clone()).collect(),
    };
    // What was left over may be of an environment that the project file doesn't know any more.
    let meant = world.project.environment(env);
    let any = world.project.environments.first().filter(|_| matches!(request.change, Change::Sweep { .. }));
    let settings = meant.or(any).ok_or_else(no_such)?;
    if request.bypass && request.because.is_none() {
        return Err(Refused::NoReason);
    }
    let cx = Proposing { request, world, settings, living: world.current.filter(|env| env.phase == Phase::Live) };
    let (delta, services, scope) = match &request.change {
        Change::Deploy { services, lifetime } => cx.deploy(services, *lifetime)?,
        Change::Scale { service, replicas } => cx.scale(service, *replicas)?,
        Change::Rollback { service, to } => cx.rollback(service, *to)?,
        Change::Restart { service } => cx.restart(service)?,
        Change::Provision { lifetime } => cx.provision(*lifetime)?,
        Change::Teardown { volumes } => cx.teardown(*volumes)?,
        Change::Sweep { volumes } => return Ok(cx.sweep(*volumes, meant)),
        Change::Extend(extension) => cx.extend(*extension)?,
        Change::Keep => cx.keep()?,
        Change::Own { to, .. } => cx.own(to)?,
        Change::Undo { op } => cx.undo(*op)?,
    };
    let too_many = |running: &Running| running.service.volume.is_some() && running.replicas > 1;
    if let Some((service, _)) = delta.services.iter().find(|(_, running)| too_many(running)) {
        return Err(Refused::OneTaskPerVolume(service.clone()));
    }
    let after = delta.apply(world.current).ok_or_else(|| Refused::NotThere(env.clone()))?;
    let is_way_back = matches!(&request.change, Change::Rollback { service, .. } if cx.is_last_good(&delta, service));
    let policy = asked_of(request, if is_way_back { &settings.rollback } else { &settings.approval });
    let as_before = |before: &Environment| Environment { version: before.version, ..after.clone() } == *before;
    let is_new = !world.current.is_some_and(as_before);
    let ends = |env: &Environment| env.expiry.unwrap_or(Timestamp::MAX);
    let is_longer = delta.expiry.is_some() && cx.living.is_none_or(|before| ends(before) < ends(&after));
    Ok(Proposal { delta, after, scope, policy, services, is_new, is_longer })
}

/// Whose word a request needs. Who schedules a command has confirmed it, every time it runs; others are asked each time.
/// Whose an environment is changes nothing in it, so that only rights decide.
fn asked_of(request: &Request, approval: &Policy) -> Policy {
    match approval {
        _ if request.by == Actor::Schedule || matches!(request.change, Change::Own { .. }) => Policy::None,
        Policy::Confirm if request.schedule.is_some() => Policy::None,
        policy => policy.clone(),
    }
}

type Parts = (Delta, BTreeSet<ServiceName>, Scope);

struct Proposing<'a> {
    request: &'a Request,
    world: &'a World<'a>,
    settings: &'a EnvironmentSettings,
    living: Option<&'a Environment>,
}

impl<'a> Proposing<'a> {
    fn env(&self) -> &EnvName {
        &self.request.key.env
    }

    fn living(&self) -> Result<&'a Environment, Refused> {
        self.living.ok_or_else(|| Refused::NotThere(self.env().clone()))
    }

    fn running(&self, service: &ServiceName) -> Result<&'a Running, Refused> {
        let not_running = || Refused::NotRunning { service: service.clone(), env: self.env().clone() };
        self.living()?.services.get(service).ok_or_else(not_running)
    }

    fn known(&self, service: &ServiceName) -> Result<&'a Service, Refused> {
        self.world.project.services.get(service).ok_or_else(|| Refused::NoSuchService {
            project: self.world.project.name.clone(),
            service: service.clone(),
            known: self.world.project.services.keys().cloned().collect(),
        })
    }

    fn scope(&self, components: Option<BTreeSet<Component>>) -> Scope {
        Scope { env: self.env().clone(), components, addrs: None, remove_data: false }
    }

    /// Services, and the clusters that they run on: their number of nodes follows what runs.
    fn scope_of(&self, services: &BTreeMap<ServiceName, Running>) -> Scope {
        let own = services.keys().map(Component::from);
        let clusters = services.values().map(|running| Component::cluster(&running.service.cluster));
        self.scope(Some(own.chain(clusters).collect()))
    }

    fn deploy(
        &self,
        named: &[(ServiceName, Option<Version>)],
        lifetime: Option<SignedDuration>,
    ) -> Result<Parts, Refused> {
        for (service, _) in named {
            self.known(service)?;
        }
        let names: BTreeSet<ServiceName> = named.iter().map(|(service, _)| service.clone()).collect();
        let versions: BTreeMap<&ServiceName, &Version> =
            named.iter().filter_map(|(service, version)| Some((service, version.as_ref()?))).collect();
        let mut delta = self.born(lifetime)?;
        let has = |service: &ServiceName| self.living.is_some_and(|env| env.services.contains_key(service));
        for service in self.world.project.with_dependencies(&names) {
            if names.contains(&service) || !has(&service) {
                let running = self.release(&service, versions.get(&service).copied())?;
                delta.services.insert(service, running);
            }
        }
        for running in delta.services.values() {
            let name = &running.service.cluster;
            let there = self.living.is_some_and(|env| env.clusters.contains_key(name));
            if let Some(cluster) = self.world.project.clusters.get(name).filter(|_| !there) {
                delta.clusters.insert(name.clone(), cluster.clone());
            }
        }
        delta.revision = Some(self.world.project.revision.clone());
        let scope = self.scope_of(&delta.services);
        let services = delta.services.keys().cloned().collect();
        Ok((delta, services, scope))
    }

    /// A service as the project means it now: the release that runs if that is the same, the next number otherwise.
    fn release(&self, name: &ServiceName, version: Option<&Version>) -> Result<Running, Refused> {
        let mut service = self.known(name)?.clone();
        if let Some(version) = version {
            service.version = version.clone();
        }
        let current = self.living.and_then(|env| env.services.get(name));
        if let Some(current) = current.filter(|current| current.service == service) {
            return Ok(current.clone());
        }
        let newest = self.world.releases.iter().filter(|release| &release.service == name).map(|r| r.number.0).max();
        // A number that somebody chose stays; one that was the project's follows the project.
        let scaled = current.filter(|current| current.replicas != current.service.replicas);
        Ok(Running {
            release: ReleaseNo(newest.unwrap_or(0) + 1),
            version: service.version.clone(),
            replicas: scaled.map_or(service.replicas, |current| current.replicas),
            restarts: 0,
            service,
        })
    }

    fn one(&self, service: &ServiceName, running: Running) -> Parts {
        let services = BTreeMap::from([(service.clone(), running)]);
        let scope = self.scope_of(&services);
        let delta = Delta { services, ..Delta::default() };
        (delta, [service.clone()].into(), scope)
    }

    fn scale(&self, service: &ServiceName, replicas: u32) -> Result<Parts, Refused> {
        let running = self.running(service)?;
        Ok(self.one(service, Running { replicas, ..running.clone() }))
    }

    fn restart(&self, service: &ServiceName) -> Result<Parts, Refused> {
        let running = self.running(service)?;
        Ok(self.one(service, Running { restarts: running.restarts + 1, ..running.clone() }))
    }

    fn served(&self, service: &ServiceName) -> impl Iterator<Item = &'a Release> {
        self.world.releases.iter().filter(move |release| &release.service == service && release.served)
    }

    /// The release that served before the one that runs.
    fn last_good(&self, service: &ServiceName, running: &Running) -> Option<&'a Release> {
        self.served(service).filter(|release| release.number < running.release).max_by_key(|release| release.number)
    }

    /// Whether a change brings back the release that served before the one that runs.
    fn is_last_good(&self, delta: &Delta, service: &ServiceName) -> bool {
        let back = |running| self.last_good(service, running).map(|release| release.number);
        let current = self.living.and_then(|env| env.services.get(service));
        current.and_then(back).is_some_and(|last| delta.services.get(service).is_some_and(|to| to.release == last))
    }

    fn rollback(&self, service: &ServiceName, to: Option<ReleaseNo>) -> Result<Parts, Refused> {
        let running = self.running(service)?;
        let served = || self.served(service);
        let target = match to {
            Some(number) => {
                served().find(|release| release.number == number).ok_or_else(|| Refused::NoSuchRelease {
                    service: service.clone(),
                    release: number,
                    known: served().map(|release| release.number).collect(),
                })?
            }
            None => self
                .last_good(service, running)
                .ok_or_else(|| Refused::NoEarlierRelease { service: service.clone(), env: self.env().clone() })?,
        };
        if target.number == running.release {
            return Ok(self.one(service, running.clone()));
        }
        Ok(self.one(
            service,
            Running {
                release: target.number,
                version: target.version.clone(),
                service: target.settings.clone(),
                replicas: running.replicas,
                restarts: 0,
            },
        ))
    }

    fn provision(&self, lifetime: Option<SignedDuration>) -> Result<Parts, Refused> {
        let mut delta = self.born(lifetime)?;
        let settings = self.world.project.settings_for(self.settings);
        delta.settings = self.living.is_some_and(|env| env.settings != settings).then_some(settings);
        delta.clusters.clone_from(&self.world.project.clusters);
        delta.revision = Some(self.world.project.revision.clone());
        Ok((delta, BTreeSet::new(), self.scope(None)))
    }

    fn teardown(&self, volumes: bool) -> Result<Parts, Refused> {
        let env = self.living()?;
        let is_due = env.expiry.is_some_and(|end| end <= self.request.at);
        if self.request.by == Actor::Schedule && !is_due {
            return Err(Refused::NotDue(env.key.env.clone()));
        }
        let mine = |other: &&Environment| other.key.project == env.key.project && other.phase == Phase::Live;
        let others = self.world.others.iter().filter(mine).filter(|other| other.uses.contains(&env.key.env));
        let by: Vec<EnvName> = others.map(|other| other.key.env.clone()).collect();
        if !by.is_empty() {
            return Err(Refused::Used { env: env.key.env.clone(), by });
        }
        let scope = Scope { remove_data: volumes || env.volumes == VolumesAtEnd::Delete, ..self.scope(None) };
        Ok((Delta { end: true, ..Delta::default() }, env.services.keys().cloned().collect(), scope))
    }

    /// No change of any record; the record tells what lives. Somebody always has to look first.
    fn sweep(&self, volumes: bool, meant: Option<&EnvironmentSettings>) -> Proposal {
        let policy = match meant.map(|settings| &settings.approval) {
            None | Some(Policy::None) => Policy::Confirm,
            Some(policy) => policy.clone(),
        };
        let after = self.world.current.cloned();
        let after = after.unwrap_or_else(|| Environment { phase: Phase::Gone, ..self.newborn(None, None) });
        let scope = Scope { remove_data: volumes, ..self.scope(None) };
        let (delta, services) = (Delta::default(), BTreeSet::new());
        Proposal { delta, after, scope, policy, services, is_new: false, is_longer: false }
    }

    fn extend(&self, extension: Extension) -> Result<Parts, Refused> {
        let env = self.living()?;
        let end = match extension {
            Extension::By(by) => {
                let end = env.expiry.ok_or_else(|| Refused::NoEnd(env.key.env.clone()))?;
                end.saturating_add(by).unwrap_or(Timestamp::MAX)
            }
            Extension::Until(at) => at,
        };
        if end <= self.request.at {
            return Err(Refused::InThePast(end));
        }
        let delta = Delta { expiry: Some(Some(self.within(end, env.latest)?)), ..Delta::default() };
        Ok((delta, BTreeSet::new(), self.scope(Some(BTreeSet::new()))))
    }

    fn keep(&self) -> Result<Parts, Refused> {
        let env = self.living()?;
        if let Some(latest) = env.latest {
            return Err(Refused::MustEnd { env: env.key.env.clone(), latest });
        }
        let delta = Delta { expiry: Some(None), ..Delta::default() };
        Ok((delta, BTreeSet::new(), self.scope(Some(BTreeSet::new()))))
    }

    fn own(&self, to: &UserId) -> Result<Parts, Refused> {
        self.living()?;
        let delta = Delta { owner: Some(to.clone()), ..Delta::default() };
        Ok((delta, BTreeSet::new(), self.scope(Some(BTreeSet::new()))))
    }

    fn undo(&self, op: OpId) -> Result<Parts, Refused> {
        let residue = self.world.residue.ok_or(Refused::NothingStands(op))?;
        self.living()?;
        let delta = residue.delta();
        for (service, Running { release, .. }) in &delta.services {
            let known = |other: &&Release| &other.service == service && other.number == *release;
            if !self.world.releases.iter().any(|release| known(&release)) {
                return Err(Refused::ReleaseIsGone { service: service.clone(), release: *release });
            }
        }
        Ok((delta, residue.services(), residue.scope(self.env())))
    }

    fn within(&self, end: Timestamp, latest: Option<Timestamp>) -> Result<Timestamp, Refused> {
        // Where a rule says whose word that needs, it isn't refused.
        let may = self.world.project.protects(self.env(), Danger::BeyondMaximum);
        match latest.filter(|latest| end > *latest && !may) {
            Some(latest) => Err(Refused::BeyondMaximum { env: self.env().clone(), latest }),
            None => Ok(end),
        }
    }

    /// A delta that brings the environment to life if it has to be, with its end.
    fn born(&self, lifetime: Option<SignedDuration>) -> Result<Delta, Refused> {
        let at = self.request.at;
        let after = |life: SignedDuration| at.saturating_add(life).unwrap_or(Timestamp::MAX);
        if let Some(env) = self.living {
            let expiry = lifetime.map(|life| self.within(after(life), env.latest).map(Some)).transpose()?;
            return Ok(Delta { expiry, ..Delta::default() });
        }
        let latest = self.settings.max.map(after);
        let expiry = lifetime.or(self.settings.expiry).map(after).or(latest);
        let expiry = expiry.map(|end| self.within(end, latest)).transpose()?;
        let birth = self.newborn(expiry, latest);
        Ok(Delta { birth: Some(Box::new(birth)), expiry: Some(expiry), ..Delta::default() })
    }

    fn newborn(&self, expiry: Option<Timestamp>, latest: Option<Timestamp>) -> Environment {
        Environment {
            key: self.request.key.clone(),
            incarnation: self.world.current.map_or(1, |before| before.incarnation + 1),
            version: 1,
            phase: Phase::Live,
            platform: self.settings.platform.clone(),
            revision: self.world.project.revision.clone(),
            clusters: BTreeMap::new(),
            services: BTreeMap::new(),
            owner: self.request.by.user().cloned().unwrap_or_else(|| UserId::new("")),
            created: self.request.at,
            expiry,
            latest,
            volumes: self.settings.volumes,
            uses: self.settings.uses.clone(),
            home: Some(self.request.place.channel.clone()),
            settings: self.world.project.settings_for(self.settings),
            meter: None,
            opened_by: None,
            moved: None,
        }
    }
}
