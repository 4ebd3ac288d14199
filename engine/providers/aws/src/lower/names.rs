//! What things are called: public names below the zone, private names in the network, and the order of the load
//! balancer's rules, which follows from the names.

use super::wanted::Wanted;
use gantry_engine::names::{EnvKey, ServiceName};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The most that a rule's priority may be (Elastic Load Balancing API reference, `CreateRule`).
const LAST_PRIORITY: u32 = 50_000;

/// The namespace of private names.
pub(super) fn namespace(key: &EnvKey) -> String {
    format!("{}.{}.internal", key.env, key.project)
}

/// A service's private name.
pub(super) fn private(key: &EnvKey, service: &ServiceName) -> String {
    format!("{service}.{}", namespace(key))
}

impl Wanted<'_> {
    /// What public names end with; none where there is no zone.
    pub(super) fn domain(&self) -> Option<String> {
        self.account.zone.as_ref().map(|zone| format!("{}.{zone}", self.env.key.env))
    }

    /// A public name.
    pub(super) fn public_name(&self, label: &str) -> Option<String> {
        self.domain().map(|domain| format!("{label}.{domain}"))
    }

    /// The place of each public service among the load balancer's rules: a function of its name, so that it stays when
    /// others come and go. Where two names want the same place, the later by alphabet takes the next free one.
    pub(super) fn priorities(&self) -> BTreeMap<ServiceName, u32> {
        let labels: BTreeMap<&str, &ServiceName> = self.public().map(|(service, label)| (label, service)).collect();
        let mut taken = BTreeSet::new();
        let mut priorities = BTreeMap::new();
        for (label, service) in labels {
            let digest = Sha256::digest(label);
            let wish = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % LAST_PRIORITY;
            let free =
                (0..LAST_PRIORITY).map(|offset| (wish + offset) % LAST_PRIORITY + 1).find(|at| taken.insert(*at));
            priorities.extend(free.map(|at| (service.clone(), at)));
        }
        priorities
    }
}
