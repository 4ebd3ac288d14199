//! The task definition of a service's release.

use super::draft::{Draft, finding, id, list, ready};
use super::nodes::MOUNT;
use super::size::Size;
use super::template;
use super::wanted::{Base, Wanted, front, number};
use crate::kinds::{ARN, TaskDefinition};
use gantry_engine::address::Addr;
use gantry_engine::environment::Running;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use gantry_engine::project::{Port, Service};
use gantry_engine::value::{Spec, Value};

/// The least and the most seconds that a container may take to end (ECS API reference,
/// `ContainerDefinition.stopTimeout`).
const STOP: (i64, i64) = (2, 120);

/// What a task refers to.
pub(super) struct Parts {
    pub(super) execution_role: Addr,
    pub(super) task_role: Addr,
    pub(super) logs: Addr,
}

/// A service whose tasks can't be stopped in the time that it wants.
pub(super) fn stops_too_slowly(service: &Service) -> bool {
    service.stop_timeout.as_secs() > STOP.1
}

/// What a task takes; none if Fargate has none so large.
pub(super) fn size(wanted: &Wanted<'_>, service: &Service) -> Option<Size> {
    match wanted.base(&service.cluster) {
        Base::Fargate => Size::on_fargate(service.size),
        Base::Nodes | Base::Existing => Some(Size::on_nodes(service.size)),
    }
}

pub(super) fn lower(
    draft: &mut Draft<'_>,
    (name, running): (&ServiceName, &Running),
    size: Size,
    parts: &Parts,
) -> Result<Addr, Finding> {
    let wanted = draft.wanted;
    let service = &running.service;
    let image = wanted.found.images.get(name).ok_or_else(|| no_image(name))?;
    let stop = service.stop_timeout.as_secs().clamp(STOP.0, STOP.1);
    let mut spec = Spec::new()
        .with("container", name.as_str())
        .with("image", image.as_str())
        .with("command", list(service.command.iter().map(Value::text)))
        .with("cpu", size.cpu)
        .with("memory", size.memory)
        .with("fargate", wanted.base(&service.cluster) == Base::Fargate)
        .with("ports", list(service.ports.iter().map(port)))
        .with("env", Value::Map(environment(wanted, name, running)?))
        .with("secrets", Value::Map(secrets(wanted, name, service)?))
        .with("execution_role", ready(&parts.execution_role, ARN))
        .with("task_role", ready(&parts.task_role, ARN))
        .with("log_group", id(&parts.logs))
        .with("log_region", wanted.found.region.as_str())
        .with("stop_timeout", stop)
        .with("version", running.version.as_str());
    if let Some(settings) = wanted.service(name).filter(|settings| !settings.health_command.is_empty()) {
        spec = spec.with("health_command", list(health_command(&settings.health_command)));
    }
    if let Some(volume) = &service.volume {
        let mount = Spec::new().with("host_path", MOUNT).with("path", volume.path.as_str());
        spec = spec.with("mount", Value::Map(mount));
    }
    draft.add::<TaskDefinition>(name.as_str(), &format!("task-{}", running.release.0), spec)
}

/// A release without an image that could be pulled.
pub(super) fn no_image(name: &ServiceName) -> Finding {
    finding(
        format!("the image of service `{name}` wasn't found"),
        format!("check `image` and `version` of `[services.{name}]`, and plan again"),
    )
}

fn port(port: &Port) -> Value {
    Value::Map(Spec::new().with("name", port.name.as_str()).with("port", u32::from(number(port))))
}

/// ECS wants to know whether the rest is a program or a line for the shell; a bare program is the former.
fn health_command(command: &[String]) -> Vec<Value> {
    let said = command.first().is_some_and(|first| first == "CMD" || first == "CMD-SHELL");
    let start = (!said).then(|| Value::text("CMD"));
    start.into_iter().chain(command.iter().map(Value::text)).collect()
}

/// The service's own values, and those that tasks are told everywhere (project files can't set these).
fn environment(wanted: &Wanted<'_>, name: &ServiceName, running: &Running) -> Result<Spec, Finding> {
    let service = &running.service;
    let mut env = Spec::new().with("VERSION", running.version.as_str()).with("RELEASE", running.release.0.to_string());
    if let Some(front) = front(service) {
        env = env.with("PORT", number(front).to_string());
    }
    for port in &service.ports {
        let variable = port.name.to_uppercase().replace('-', "_");
        env = env.with(&format!("PORT_{variable}"), number(port).to_string());
    }
    if let Some(volume) = &service.volume {
        env = env.with("VOLUME", volume.path.as_str());
    }
    for (variable, template) in &service.env {
        env = env.with(variable, template::text(wanted, (name, variable), template)?);
    }
    Ok(env)
}

fn secrets(wanted: &Wanted<'_>, name: &ServiceName, service: &Service) -> Result<Spec, Finding> {
    let mut secrets = Spec::new();
    for (variable, said) in &service.secrets {
        let found = wanted.found.secrets.get(&(name.clone(), variable.clone()));
        let secret = found.ok_or_else(|| no_secret(name, variable, &said.0))?;
        secrets = secrets.with(variable, secret.from.as_str());
    }
    Ok(secrets)
}

/// A secret that isn't where the project file says. Where it says is no secret.
pub(super) fn no_secret(name: &ServiceName, variable: &str, said: &str) -> Finding {
    let what = format!("the secret `{variable}` of service `{name}` wasn't found at `{said}`");
    finding(what, "create it there, or say where else it is")
}
