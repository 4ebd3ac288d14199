//! The platform `ecs` through the front door: words in, transcript out, and what stands afterwards by the own account of
//! the stand-in for AWS.

mod killed;
mod others;
mod preflight;
mod story;

use gantry_standin::Standin;
use std::collections::BTreeMap;

/// How many there are of each sort, by the stand-in's own account, of what carries the project's mark.
fn ours(standin: &Standin) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for thing in standin.state().iter().filter(|thing| thing.tags.contains_key("gantry:project")) {
        *count.entry(format!("{} {}", thing.service, thing.sort)).or_default() += 1;
    }
    count
}

/// The marks that more than one thing carries, by the stand-in's own account. A service's tasks and a group's instances
/// share theirs.
fn twice(standin: &Standin) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for thing in standin.state() {
        let tag = |key: &str| thing.tags.get(key).cloned().unwrap_or_default();
        let shares = ["task", "instance", "network-interface"].contains(&thing.sort.as_str());
        if shares || !thing.tags.contains_key("gantry:resource") {
            continue;
        }
        let mark = format!("{} {}@{}", thing.sort, tag("gantry:resource"), tag("gantry:generation"));
        seen.entry(mark).or_default().push(thing.id.clone());
    }
    seen.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(mark, ids)| format!("{mark}: {ids:?}")).collect()
}
