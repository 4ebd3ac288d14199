//! What public services need: a name, a port that speaks HTTP, a check, and a load balancer with room to stand.

use super::super::draft::finding;
use super::super::wanted::Wanted;
use super::speaks_http;
use gantry_engine::names::ServiceName;
use gantry_engine::ports::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// The most rules of a load balancer beside its default ones (Elastic Load Balancing, "Quotas for your Application Load
/// Balancers").
const RULES: usize = 100;

pub(super) fn check(wanted: &Wanted<'_>, found: &mut Vec<Finding>) {
    let public: Vec<(&ServiceName, &str)> = wanted.public().collect();
    if public.is_empty() {
        return;
    }
    for (name, _) in &public {
        service(wanted, name, found);
    }
    labels(wanted, &public, found);
    domain(wanted, &public, found);
    balancer(wanted, found);
    if public.len() > RULES {
        let what = format!("{} services are public, and a load balancer has rules for {RULES}", public.len());
        found.push(finding(what, "take `host` out of some of them"));
    }
}

fn service(wanted: &Wanted<'_>, name: &ServiceName, found: &mut Vec<Finding>) {
    let Some(running) = wanted.env.services.get(name) else { return };
    let table = format!("`[services.{name}]`");
    if !speaks_http(running) {
        let what = format!("service `{name}` is public, but its first port doesn't speak HTTP");
        found.push(finding(what, format!("put an HTTP port first in {table}, or take `host` out")));
    }
    if running.service.health.as_ref().is_none_or(|health| health.path.is_none()) {
        let what =
            format!("service `{name}` is public, and AWS's load balancer asks each task by HTTP whether it's well");
        found.push(finding(what, format!("add `health = {{ path = \"/health\" }}` to {table}")));
    }
}

fn labels(wanted: &Wanted<'_>, public: &[(&ServiceName, &str)], found: &mut Vec<Finding>) {
    let mut taken: BTreeMap<&str, &ServiceName> = BTreeMap::new();
    for (name, label) in public {
        if let Some(other) = taken.insert(label, name) {
            let shown = wanted.public_name(label).unwrap_or_else(|| (*label).to_owned());
            let what = format!("the services `{other}` and `{name}` both want the name `{shown}`");
            found.push(finding(what, "give one of them another `host`"));
        }
    }
}

fn domain(wanted: &Wanted<'_>, public: &[(&ServiceName, &str)], found: &mut Vec<Finding>) {
    let account = &wanted.account;
    let named = public.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match &account.zone {
        Some(zone) if !account.create_zone && wanted.found.zone.is_none() => {
            let what = format!("there is no public DNS zone `{zone}` in the account {}", wanted.found.account);
            found.push(finding(what, "create it in Route 53, name another `zone`, or set `create_zone = true`"));
        }
        Some(_) => {}
        None if account.https => {
            let what = format!("public services ({named}) need names for HTTPS, and there is no `zone`");
            found.push(finding(
                what,
                "name a `zone`, or set `https = false` to reach one at the load balancer's own name",
            ));
        }
        None if public.len() > 1 => {
            let what = format!(
                "without a `zone` there is one name, the load balancer's own, and several services are public ({named})"
            );
            found.push(finding(what, "name a `zone`, or leave `host` to one of them"));
        }
        None => {}
    }
}

/// A load balancer stands in two zones at least (Elastic Load Balancing API reference, `CreateLoadBalancer`).
fn balancer(wanted: &Wanted<'_>, found: &mut Vec<Finding>) {
    if wanted.account.vpc.is_none() {
        return;
    }
    let subnets = &wanted.account.public_subnets;
    let zones: BTreeSet<&String> = subnets.iter().filter_map(|id| wanted.found.subnets.get(id)).collect();
    if zones.len() < 2 || zones.len() < subnets.len() {
        let what = "the load balancer needs public subnets in two zones at least, and one in each";
        found.push(finding(what, "name such ones in `public_subnets`"));
    }
}
