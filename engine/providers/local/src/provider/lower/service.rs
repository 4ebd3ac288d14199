//! One service as resources: its volume, balancers, tasks, names, and its public route.

use super::draft::{Draft, NETWORK, NODES, error};
use super::template;
use crate::provider::kinds::{AFTER, ID, balancer, record, route, service, volume};
use gantry_engine::address::Addr;
use gantry_engine::environment::Running;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::project::{HealthCheck, Port, Protocol, Service};
use gantry_engine::value::{Ref, Spec, Value, When};
use jiff::SignedDuration;

/// The part that holds the tasks.
const TASKS: &str = "service";

/// Where a service's volume is told to its tasks.
const VOLUME_VARIABLE: &str = "VOLUME";

/// Changes when somebody restarts the service, so that the same release gets new tasks.
const RESTART_VARIABLE: &str = "GANTRY_RESTART";

/// The port that stands for the service: its address, its health, its public name.
pub(super) fn front_port(service: &Service) -> Option<&Port> {
    service.ports.first()
}

/// The part of the balancer in front of a port.
pub(super) fn balancer_part(service: &Service, port: &Port) -> String {
    match front_port(service) {
        Some(front) if front.name != port.name => format!("balancer-{}", port.name),
        _ => "balancer".to_owned(),
    }
}

/// Adds everything that is there for one service only.
pub(super) fn lower<'a>(draft: &mut Draft<'a>, name: &'a ServiceName, running: &Running) -> Result<(), Finding> {
    Draft::check_component(name)?;
    check(name, running)?;
    let component = name.as_str();
    for port in &running.service.ports {
        draft.add(component, &balancer_part(&running.service, port), balancer::resource(port.protocol))?;
    }
    if running.service.volume.is_some() {
        draft.add(component, "volume", volume::resource())?;
    }
    let spec = spec(draft, name, running)?;
    let tasks = draft.add(component, TASKS, service::resource(spec))?;
    let zone = draft.addr(NETWORK, "zone")?;
    let (own, _) = draft.take_host(name.as_str(), name)?;
    draft.add(component, "record", record::resource(&zone, &own))?;
    let Some(front) = front_port(&running.service) else { return Ok(()) };
    let balancer = draft.addr(component, &balancer_part(&running.service, front))?;
    let shown = match &running.service.host {
        None => Ref { addr: balancer, output: balancer::ADDRESS, when: When::Ready },
        Some(label) => {
            let (host, is_new) = draft.take_host(label, name)?;
            if is_new {
                draft.add(component, "public-record", record::resource(&zone, &host))?;
            }
            let addr = draft.add(component, "route", route::resource(&host, &balancer, &tasks))?;
            Ref { addr, output: route::URL, when: When::Ready }
        }
    };
    draft.output(name.as_str(), Value::Ref(shown));
    Ok(())
}

/// What this platform can't do.
fn check(name: &ServiceName, running: &Running) -> Result<(), Finding> {
    let service = &running.service;
    let table = format!("`[services.{name}]`");
    if service.command.is_empty() {
        let what = format!("service `{name}` has no `command`, and this platform runs programs, not images");
        return Err(error(what, format!("add `command = [\"..\"]` to {table}")));
    }
    if service.volume.is_some() && running.replicas > 1 {
        let what = format!(
            "service `{name}` has a volume, which one task at a time can use, and {} are wanted",
            running.replicas
        );
        return Err(error(what, format!("scale `{name}` to 1, or take `volume` out of {table}")));
    }
    let http = front_port(service).is_some_and(|port| port.protocol == Protocol::Http);
    if service.host.is_some() && !http {
        let what = format!("service `{name}` has a public host name, but its first port doesn't speak HTTP");
        return Err(error(what, format!("put an HTTP port first in {table}, or take `host` out")));
    }
    if service.health.is_some() && service.ports.is_empty() {
        let what = format!("service `{name}` has a health check and no port to check");
        return Err(error(what, format!("give {table} a port, or take `health` out")));
    }
    Ok(())
}

fn spec(draft: &Draft<'_>, name: &ServiceName, running: &Running) -> Result<Spec, Finding> {
    let service = &running.service;
    let mut balancers = Spec::new();
    for port in &service.ports {
        let addr = draft.addr(name.as_str(), &balancer_part(service, port))?;
        balancers = balancers.with(&port.name, known_id(addr));
    }
    let order = if service.volume.is_some() { "stop_first" } else { "start_first" };
    Ok(Spec::new()
        .with("replicas", running.replicas)
        .with("order", order)
        .with("deadline_ms", millis(service.deadline))
        .with("balancers", Value::Map(balancers))
        .with("task", Value::Map(task(draft, name, running)?))
        .with(AFTER, Value::List(after(draft, service)?)))
}

/// The nodes to run on, and the services that must serve before.
fn after(draft: &Draft<'_>, service: &Service) -> Result<Vec<Value>, Finding> {
    let ready = |addr: Addr| Value::Ref(Ref { addr, output: ID, when: When::Ready });
    let mut after = Vec::new();
    let nodes = draft.addr(&Draft::cluster_component(&service.cluster), NODES)?;
    if draft.has(&nodes) {
        after.push(ready(nodes));
    }
    for other in service.depends_on.iter().filter(|other| draft.env.services.contains_key(*other)) {
        after.push(ready(draft.addr(other.as_str(), TASKS)?));
    }
    Ok(after)
}

fn task(draft: &Draft<'_>, name: &ServiceName, running: &Running) -> Result<Spec, Finding> {
    let service = &running.service;
    let mut env = Spec::new();
    for (variable, template) in &service.env {
        env = env.with(variable, template::value(draft, (name, variable), template)?);
    }
    if running.restarts > 0 {
        env = env.with(RESTART_VARIABLE, running.restarts.to_string());
    }
    let secrets = service.secrets.iter().fold(Spec::new(), |spec, (name, from)| spec.with(name, from.0.as_str()));
    let port = |port: &Port| {
        Value::Map(Spec::new().with("name", port.name.as_str()).with("protocol", balancer::mode(port.protocol)))
    };
    let mut volumes = Vec::new();
    if service.volume.is_some() {
        let volume = known_id(draft.addr(name.as_str(), "volume")?);
        volumes.push(Value::Map(Spec::new().with("volume", volume).with("env", VOLUME_VARIABLE)));
    }
    Ok(Spec::new()
        .with("cluster", draft.cluster_key(&service.cluster))
        .with("command", Value::List(service.command.iter().map(Value::text).collect()))
        .with("env", Value::Map(env))
        .with("secrets", Value::Map(secrets))
        .with("ports", Value::List(service.ports.iter().map(port).collect()))
        .with("health", Value::Map(health(service)))
        .with("cpu_millis", service.size.cpu_millis)
        .with("memory_mib", service.size.memory_mib)
        .with("volumes", Value::List(volumes))
        .with("version", running.version.as_str())
        .with("release", running.release.0)
        .with("stop_timeout_ms", millis(service.stop_timeout)))
}

/// Without a check of its own, what listens is asked for a connection, and anything else only has to stay up.
fn health(service: &Service) -> Spec {
    let kind = |kind: &str| Spec::new().with("kind", kind);
    let Some(check) = &service.health else {
        return kind(if service.ports.is_empty() { "none" } else { "tcp" });
    };
    let HealthCheck { path, interval, timeout, healthy_after, unhealthy_after } = check;
    let spec = match path {
        Some(path) => kind("http").with("path", path.as_str()),
        None => kind("tcp"),
    };
    spec.with("interval_ms", millis(*interval))
        .with("timeout_ms", millis(*timeout))
        .with("healthy_after", *healthy_after)
        .with("unhealthy_after", *unhealthy_after)
}

fn known_id(addr: Addr) -> Ref {
    Ref { addr, output: ID, when: When::Known }
}

fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(0)
}
