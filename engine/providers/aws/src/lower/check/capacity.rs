//! Whether a cluster's machines can hold its tasks, and one more while a release rolls out.

use super::super::cluster;
use super::super::draft::finding;
use super::super::fit::{fits_alone, pack};
use super::super::service::percents;
use super::super::size::Size;
use super::super::wanted::{Base, Wanted};
use crate::prices::Instance;
use gantry_engine::environment::Running;
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::ports::Finding;
use gantry_engine::project::Cluster;

pub(super) fn check(wanted: &Wanted<'_>, name: &ClusterName, found: &mut Vec<Finding>) {
    if wanted.base(name) != Base::Nodes {
        return;
    }
    let record = &wanted.env.clusters[name];
    let Some(said) = cluster::instance(wanted, name) else {
        let what = format!("no known type of machine offers what `node` of cluster `{name}` says");
        found.push(finding(what, format!("name a type in `[clusters.{name}.ecs]`: `instance = \"..\"`")));
        return;
    };
    // What isn't known can't be computed with: ECS will say where there is no room.
    let Some(instance) = Instance::named(&said) else { return };
    let mut whole = true;
    for (service, running) in wanted.on(name) {
        whole &= alone(instance, (service, running), name, found);
    }
    if whole {
        together(wanted, instance, (name, record), found);
    }
}

fn alone(
    instance: &Instance,
    (service, running): (&ServiceName, &Running),
    cluster: &ClusterName,
    found: &mut Vec<Finding>,
) -> bool {
    let size = Size::on_nodes(running.service.size);
    let fits = fits_alone(instance, size);
    if !fits {
        let what = format!(
            "one task of `{service}` takes {}, and a {} has {} vCPU and about {} MiB for tasks",
            size.shown(),
            instance.name,
            instance.vcpus,
            instance.usable_mib(),
        );
        found
            .push(finding(what, format!("make it smaller, or name a larger `instance` in `[clusters.{cluster}.ecs]`")));
    }
    fits
}

fn together(
    wanted: &Wanted<'_>,
    instance: &Instance,
    (name, record): (&ClusterName, &Cluster),
    found: &mut Vec<Finding>,
) {
    let shared = || wanted.on(name).filter(|(_, running)| running.service.volume.is_none());
    let tasks = || shared().map(|(_, running)| (Size::on_nodes(running.service.size), running.replicas));
    let interfaces =
        format!("a {} holds {} tasks, each with a network interface of its own", instance.name, instance.tasks());
    let remedy = format!("raise `max` of `[clusters.{name}]`, name a larger `instance`, or run fewer tasks");
    if pack(instance, record.max, tasks()).is_none() {
        let what = format!("the tasks of cluster `{name}` don't fit on {} machines ({interfaces})", record.max);
        found.push(finding(what, remedy));
        return;
    }
    let stuck = shared().find(|(service, running)| {
        let (least, _) = percents(running, wanted.service(service));
        let stay = (u64::from(running.replicas) * u64::from(least)).div_ceil(100);
        let none_may_stop = stay >= u64::from(running.replicas) && running.replicas > 0;
        let one_more = tasks().chain([(Size::on_nodes(running.service.size), 1)]);
        none_may_stop && pack(instance, record.max, one_more).is_none()
    });
    if let Some((service, _)) = stuck {
        let what =
            format!("cluster `{name}` has no room for a new task of `{service}` beside the old ones ({interfaces})");
        let or = format!("{remedy}; or set `min_healthy_percent = 50` in `[services.{service}.ecs]`");
        found.push(finding(what, or));
    }
}
