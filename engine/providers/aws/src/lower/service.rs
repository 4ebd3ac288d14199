//! One service as resources: its logs, roles, ways in, names, and the tasks of its release.

use super::cluster::Clusters;
use super::draft::{Draft, after, finding, id, list, part, ready};
use super::edge::{self, Edge};
use super::names;
use super::network::Network;
use super::policy::Policy;
use super::size::Size;
use super::task;
use super::wanted::{Base, front, number};
use crate::facts::Secret;
use crate::kinds::{
    ARN, DiscoveryService, ListenerRule, LogGroup, Role, SecurityGroup, SecurityRule, Service, TargetGroup,
    load_balancer,
};
use gantry_engine::address::Addr;
use gantry_engine::environment::Running;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::project::{HealthCheck, Port};
use gantry_engine::value::{Spec, Value};
use jiff::SignedDuration;

/// The part that holds the tasks.
pub(super) const TASKS: &str = "service";

/// The part that is a service's security group.
const GROUP: &str = "group";

/// How long private names may be remembered, in seconds: tasks come and go.
const TTL: u32 = 10;

/// What a service stands among.
pub(super) struct Around<'a> {
    pub(super) network: &'a Network,
    pub(super) edge: Option<&'a Edge>,
    pub(super) clusters: &'a Clusters,
}

type Named<'a> = (&'a ServiceName, &'a Running);

/// Adds everything that is there for one service only.
pub(super) fn lower(draft: &mut Draft<'_>, named: Named<'_>, around: &Around<'_>) -> Result<(), Finding> {
    let (name, running) = named;
    let size = task::size(draft.wanted, &running.service).unwrap_or(Size::asked(running.service.size));
    let logs = logs(draft, name)?;
    let execution_role = execution_role(draft, name, &logs)?;
    let task_role = task_role(draft, name)?;
    let description = format!("Tasks of service {name}");
    let spec = Spec::new().with("vpc", around.network.vpc.clone()).with("description", description);
    let group = draft.add::<SecurityGroup>(name.as_str(), GROUP, spec)?;
    let parts = task::Parts { execution_role, task_role, logs };
    let task = task::lower(draft, named, size, &parts)?;

    let mut spec = tasks(draft, named, around)?
        .with("task", id(&task))
        .with("groups", list([id(&group)]))
        .with("cpu", size.cpu)
        .with("memory", size.memory);
    let mut waits = waits(draft, name, around)?;
    waits.extend(ways_to_others(draft, name, &group)?);
    if let (Some(edge), Some(port), Some(label)) = (around.edge, front(&running.service), &running.service.host) {
        let (target, way) = public(draft, named, (edge, port, label), around)?;
        let registration =
            Spec::new().with("group", target).with("container", name.as_str()).with("port", u32::from(number(port)));
        spec = spec.with("targets", list([Value::Map(registration)]));
        waits.extend(way);
    }
    if let (Some(namespace), Some(port)) = (&around.network.namespace, front(&running.service)) {
        let entry = Spec::new().with("namespace", namespace.clone()).with("name", name.as_str()).with("ttl", TTL);
        let discovery = draft.add::<DiscoveryService>(name.as_str(), "discovery", entry)?;
        spec = spec.with("registry", ready(&discovery, ARN));
        if running.service.host.is_none() {
            draft.output(name.as_str(), format!("{}:{}", names::private(&draft.wanted.env.key, name), number(port)));
        }
    }
    let tasks = draft.add::<Service>(name.as_str(), TASKS, after(spec, waits))?;
    draft.output(format!("{name} in ECS"), id(&tasks));
    tell_size(draft, named, size);
    Ok(())
}

fn logs(draft: &mut Draft<'_>, name: &ServiceName) -> Result<Addr, Finding> {
    let account = &draft.wanted.account;
    let spec = Spec::new().with("retention_days", account.log_retention_days).with("keep", account.keep_logs);
    draft.add::<LogGroup>(name.as_str(), "logs", spec)
}

/// What starts the tasks: it pulls this image, writes to this log group and reads these secrets, nothing else.
fn execution_role(draft: &mut Draft<'_>, name: &ServiceName, logs: &Addr) -> Result<Addr, Finding> {
    let found = &draft.wanted.found;
    let mut policy = Policy::default();
    if let Some(image) = found.images.get(name) {
        policy.pull(image, &found.partition);
    }
    let write = ["logs:CreateLogStream", "logs:PutLogEvents"];
    policy.allow(&write, vec![draft.arn("logs", "log-group:{logs}:*")]);
    let wanted = draft.wanted.env.services.get(name).map(|running| &running.service.secrets);
    let secrets =
        wanted.into_iter().flatten().filter_map(|(variable, _)| found.secrets.get(&(name.clone(), variable.clone())));
    policy.secrets(secrets.map(|secret: &Secret| secret));
    let text = policy.text().unwrap_or_default();
    let spec =
        Spec::new().with("service", TASK_ROLES).with("policy", super::draft::fill(&text, &[("{logs}", id(logs))]));
    draft.add::<Role>(name.as_str(), "execution-role", spec)
}

/// Who takes the roles of tasks.
const TASK_ROLES: &str = "ecs-tasks.amazonaws.com";

/// What the tasks may do themselves: nothing, unless the project file says so.
fn task_role(draft: &mut Draft<'_>, name: &ServiceName) -> Result<Addr, Finding> {
    let mut policy = Policy::default();
    if let Some(settings) = draft.wanted.service(name) {
        if settings.exec {
            policy.exec();
        }
        policy.asked(&settings.policy);
    }
    let spec = Spec::new().with("service", TASK_ROLES);
    let spec = match policy.text() {
        Some(text) => spec.with("policy", text),
        None => spec,
    };
    draft.add::<Role>(name.as_str(), "task-role", spec)
}

/// How many tasks there are, where, and how they are replaced.
fn tasks(draft: &Draft<'_>, (name, running): Named<'_>, around: &Around<'_>) -> Result<Spec, Finding> {
    let service = &running.service;
    let ground = around.clusters.get(&service.cluster).ok_or_else(|| no_cluster(name, running))?;
    let (launch, subnets, public) = match ground.machines(name) {
        None => {
            let (subnets, public) = around.network.for_tasks();
            (Value::text("fargate"), subnets, public)
        }
        Some(machines) => {
            let places = around.network.private.iter();
            let provider = Spec::new().with("provider", machines.provider.clone());
            (Value::Map(provider), list(places.map(|place| place.subnet.clone())), false)
        }
    };
    let settings = draft.wanted.service(name);
    let (least, most) = percents(running, settings);
    let public_name = service.host.is_some();
    let grace = settings.filter(|_| public_name).map_or(0, |settings| settings.health_grace);
    Ok(Spec::new()
        .with("cluster", ground.name.clone())
        .with("desired", running.replicas)
        .with("launch", launch)
        .with("subnets", subnets)
        .with("public_ip", public)
        .with("min_percent", least)
        .with("max_percent", most)
        .with("grace", grace)
        .with("exec", settings.is_some_and(|settings| settings.exec))
        .with("restarts", running.restarts)
        .with("deadline", seconds(service.deadline))
        .with("release", running.release.0)
        .with("version", running.version.as_str()))
}

/// How many of the tasks stay, and how many run at most, while a release rolls out. With a volume the old one stops
/// first.
pub(super) fn percents(running: &Running, settings: Option<&crate::settings::Service>) -> (u32, u32) {
    let usual = if running.service.volume.is_some() { (0, 100) } else { (100, 200) };
    let said = |of: fn(&crate::settings::Service) -> Option<u32>| settings.and_then(of);
    (
        said(|settings| settings.min_healthy_percent).unwrap_or(usual.0),
        said(|settings| settings.max_percent).unwrap_or(usual.1),
    )
}

/// A service on a cluster that isn't there.
pub(super) fn no_cluster(name: &ServiceName, running: &Running) -> Finding {
    let cluster = &running.service.cluster;
    finding(
        format!("service `{name}` wants the cluster `{cluster}`, which isn't there"),
        format!("add `[clusters.{cluster}]`, or name another cluster"),
    )
}

/// What has to be there first: the ways to the internet, machines, and the services that it depends on.
fn waits(draft: &Draft<'_>, name: &ServiceName, around: &Around<'_>) -> Result<Vec<Value>, Finding> {
    let env = draft.wanted.env;
    let mut waits = around.network.ways.clone();
    let ground = env.services.get(name).and_then(|running| around.clusters.get(&running.service.cluster));
    waits
        .extend(ground.and_then(|ground| ground.machines(name)).into_iter().flat_map(|machines| machines.ways.clone()));
    for other in draft.wanted.talks_to(name) {
        waits.push(id(&draft.addr(other.as_str(), TASKS)?));
    }
    Ok(waits)
}

/// Lets the tasks in where they have business: at every port of the services that they talk to.
fn ways_to_others(draft: &mut Draft<'_>, name: &ServiceName, group: &Addr) -> Result<Vec<Value>, Finding> {
    let mut ways = Vec::new();
    for other in draft.wanted.talks_to(name) {
        let target = draft.addr(other.as_str(), GROUP)?;
        let ports = draft.wanted.env.services.get(other).map(|running| running.service.ports.as_slice());
        for (at, port) in ports.unwrap_or_default().iter().enumerate() {
            let to = if at == 0 { other.to_string() } else { format!("{other}-{}", port.name) };
            let spec = way_in(&target, group, port, &format!("{name} to {to}"));
            ways.push(id(&draft.add::<SecurityRule>(name.as_str(), &part("to-", &to), spec)?));
        }
    }
    Ok(ways)
}

/// A rule that lets members of one group in at a port of another.
fn way_in(into: &Addr, from: &Addr, port: &Port, what: &str) -> Spec {
    let number = u32::from(number(port));
    Spec::new()
        .with("group", id(into))
        .with("protocol", "tcp")
        .with("from_port", number)
        .with("to_port", number)
        .with("source_group", id(from))
        .with("description", what)
}

/// What makes a service public. Gives its target group, and what has to be there before people reach it: AWS takes a
/// service only once a rule ties its target group to a load balancer.
fn public(
    draft: &mut Draft<'_>,
    (name, running): Named<'_>,
    (edge, port, label): (&Edge, &Port, &str),
    around: &Around<'_>,
) -> Result<(Value, Vec<Value>), Finding> {
    let component = name.as_str();
    let group = draft.addr(component, GROUP)?;
    let spec = way_in(&group, &edge.group, port, &format!("load balancer to {name}"));
    let from_edge = draft.add::<SecurityRule>(component, "from-edge", spec)?;
    let delay = draft.wanted.service(name).map_or(0, |settings| settings.deregistration_delay);
    let spec = checks(running)
        .with("vpc", around.network.vpc.clone())
        .with("port", u32::from(number(port)))
        .with("deregistration_delay", delay);
    let targets = draft.add::<TargetGroup>(component, "targets", spec)?;

    let host = draft.wanted.public_name(label);
    let only = || ready(&edge.balancer, load_balancer::DNS_NAME);
    let spec = Spec::new()
        .with("listener", id(&edge.listener))
        .with("priority", draft.wanted.priorities().get(name).copied().unwrap_or(1))
        .with(
            "hosts",
            list([host
                .clone()
                .map_or_else(|| super::draft::known(&edge.balancer, load_balancer::DNS_NAME), Value::from)]),
        )
        .with("target", id(&targets));
    let rule = draft.add::<ListenerRule>(component, "rule", spec)?;
    let mut ways = edge.ways.clone();
    ways.extend([id(&from_edge), id(&rule)]);
    let scheme = edge.scheme;
    match host {
        Some(host) => {
            edge::record(draft, edge, component, &host)?;
            draft.output(component, format!("{scheme}://{host}"));
        }
        None => draft.output(component, Value::Join(vec![format!("{scheme}://").into(), only()])),
    }
    Ok((id(&targets), ways))
}

/// How the load balancer asks tasks whether they are well, within the bounds of AWS (Elastic Load Balancing API
/// reference, `CreateTargetGroup`): whole seconds, and an interval that is longer than a try.
fn checks(running: &Running) -> Spec {
    let Some(HealthCheck { path, interval, timeout, healthy_after, unhealthy_after }) = &running.service.health else {
        return Spec::new();
    };
    let timeout = seconds(*timeout).clamp(2, 120);
    let interval = seconds(*interval).clamp(5, 300).max(timeout + 1);
    Spec::new()
        .with("health_path", path.as_deref().unwrap_or("/"))
        .with("interval", interval)
        .with("timeout", timeout)
        .with("healthy", (*healthy_after).clamp(2, 10))
        .with("unhealthy", (*unhealthy_after).clamp(2, 10))
}

/// Whole seconds, rounded up.
fn seconds(duration: SignedDuration) -> i64 {
    duration.as_secs() + i64::from(duration.subsec_nanos() > 0)
}

/// A size that AWS rounded up costs more than was asked for: that is told.
fn tell_size(draft: &mut Draft<'_>, (name, running): Named<'_>, size: Size) {
    let asked = Size::asked(running.service.size);
    if draft.wanted.base(&running.service.cluster) == Base::Fargate && asked != size {
        let told = format!("{}; the least that Fargate has for {}", size.shown(), asked.shown());
        draft.output(format!("{name}, each task"), told);
    }
}
