//! What stands in the way, all of it at once: what this platform can't do, and what it needs to be told. Settings by
//! themselves are right when they come here; what the account has was looked at by the survey.

mod capacity;
mod public;

use super::draft::{component, finding};
use super::edge::EDGE;
use super::network::NETWORK;
use super::wanted::{Base, Wanted, front};
use super::{service, task, template};
use crate::settings::Nat;
use gantry_engine::environment::Running;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use std::collections::BTreeSet;

/// Schemes of secrets that mean something to AWS.
const SCHEMES: [&str; 2] = ["secretsmanager:", "ssm:"];

/// Everything that stands in the way.
pub(super) fn all(wanted: &Wanted<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    network(wanted, &mut found);
    for cluster in wanted.env.clusters.keys() {
        capacity::check(wanted, cluster, &mut found);
    }
    for (name, running) in &wanted.env.services {
        component_is_free(wanted, name, &mut found);
        runs(wanted, name, running, &mut found);
        volume(wanted, name, running, &mut found);
        secrets(wanted, name, running, &mut found);
        let env = running.service.env.iter();
        found.extend(env.filter_map(|(key, value)| template::text(wanted, (name, key), value).err()));
    }
    public::check(wanted, &mut found);
    found
}

fn network(wanted: &Wanted<'_>, found: &mut Vec<Finding>) {
    let account = &wanted.account;
    if account.vpc.is_none() && wanted.found.zones.len() < 2 {
        let what = format!("the region {} has no two zones that can be used", wanted.found.region);
        found.push(finding(what, "choose another `region`"));
    }
    let nodes = || wanted.env.clusters.keys().filter(|name| wanted.base(name) != Base::Fargate);
    if wanted.in_public()
        && let Some(name) = nodes().next()
    {
        let what = format!(
            "cluster `{name}` runs on machines, whose tasks have private addresses only, and there is no way out for those"
        );
        let remedy = match (&account.vpc, account.nat) {
            (Some(_), _) => "name `private_subnets` of the `vpc`".to_owned(),
            (None, Nat::None) => format!("set `nat = \"one\"`, or take `capacity` out of `[clusters.{name}.ecs]`"),
            (None, _) => "say how tasks reach the internet".to_owned(),
        };
        found.push(finding(what, remedy));
    }
}

/// Services share the second part of addresses with the network, the edge and the clusters.
fn component_is_free(wanted: &Wanted<'_>, name: &ServiceName, found: &mut Vec<Finding>) {
    let clusters = wanted.env.clusters.keys().map(component);
    if [NETWORK, EDGE].map(str::to_owned).into_iter().chain(clusters).any(|taken| taken == name.as_str()) {
        let what = format!("a service can't be called `{name}` on this platform, which has a component of that name");
        found.push(finding(what, "rename the service"));
    }
}

fn runs(wanted: &Wanted<'_>, name: &ServiceName, running: &Running, found: &mut Vec<Finding>) {
    let (service, table) = (&running.service, format!("`[services.{name}]`"));
    if !wanted.env.clusters.contains_key(&service.cluster) {
        found.push(service::no_cluster(name, running));
    }
    if service.image.is_none() {
        let what = format!("service `{name}` has no `image`, and this platform runs containers");
        found.push(finding(what, format!("add `image = \"..\"` to {table}")));
    } else if !wanted.found.images.contains_key(name) {
        found.push(task::no_image(name));
    }
    for port in service.ports.iter().filter(|port| port.container.is_none()) {
        let what = format!("port `{}` of service `{name}` has no number, which a container's port needs", port.name);
        found.push(finding(what, format!("write it as a table with `container = 8080` in `ports` of {table}")));
    }
    let mut numbers = BTreeSet::new();
    for port in service.ports.iter().filter(|port| port.container.is_some_and(|number| !numbers.insert(number))) {
        let what = format!("port `{}` of service `{name}` has the number of another one", port.name);
        found.push(finding(what, format!("give it a number of its own in `ports` of {table}")));
    }
    if task::stops_too_slowly(service) {
        let what = format!("service `{name}` wants longer to end than the 120 seconds that ECS gives a task");
        found.push(finding(what, format!("set `stop_timeout` of {table} to `120s` or less")));
    }
    if task::size(wanted, service).is_none() {
        let what = format!("one task of service `{name}` is larger than the largest of Fargate (16 vCPU, 120 GiB)");
        found.push(finding(
            what,
            format!("make it smaller, or set `capacity = \"ec2\"` in `[clusters.{}.ecs]`", service.cluster),
        ));
    }
}

fn volume(wanted: &Wanted<'_>, name: &ServiceName, running: &Running, found: &mut Vec<Finding>) {
    let service = &running.service;
    if service.volume.is_none() {
        return;
    }
    if wanted.base(&service.cluster) != Base::Nodes {
        let what = format!(
            "service `{name}` has a volume, which needs a machine of its own: on Fargate a disk ends with its task"
        );
        let remedy = format!(
            "put it on a cluster with `capacity = \"ec2\"`, as in `[clusters.{}.ecs]`, or take `volume` out",
            service.cluster
        );
        found.push(finding(what, remedy));
    }
    if running.replicas > 1 {
        let what = format!(
            "service `{name}` has a volume, which one task at a time can use, and {} are wanted",
            running.replicas
        );
        found.push(finding(what, format!("scale `{name}` to 1, or take `volume` out")));
    }
    let (least, most) = service::percents(running, wanted.service(name));
    if least > 0 || most > 100 {
        let what = format!("service `{name}` has a volume, so its old task has to stop before the new one starts");
        found.push(finding(what, format!("take the percentages out of `[services.{name}.ecs]`")));
    }
}

fn secrets(wanted: &Wanted<'_>, name: &ServiceName, running: &Running, found: &mut Vec<Finding>) {
    for (variable, said) in &running.service.secrets {
        if !SCHEMES.iter().any(|scheme| said.0.starts_with(scheme)) {
            let what =
                format!("the secret `{variable}` of service `{name}` is at `{}`, which means nothing on AWS", said.0);
            found.push(finding(
                what,
                "keep it in Secrets Manager (`secretsmanager:NAME`) or the Parameter Store (`ssm:NAME`)",
            ));
        } else if !wanted.found.secrets.contains_key(&(name.clone(), variable.clone())) {
            found.push(task::no_secret(name, variable, &said.0));
        }
    }
}

/// Whether a service speaks HTTP at its front port.
fn speaks_http(running: &Running) -> bool {
    front(&running.service).is_some_and(|port| port.protocol == gantry_engine::project::Protocol::Http)
}
