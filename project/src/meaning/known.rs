//! The names that a file declares, collected first, so that a slip in one part isn't reported again by all that refer
//! to it.

use crate::raw::{self, Port, Protocol};
use crate::shape::Torn;
use std::collections::{BTreeMap, BTreeSet};

/// What a file declares.
pub(super) struct Known {
    pub(super) clusters: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) environments: Vec<String>,
    /// Groups that rules name, without the `@`.
    pub(super) groups: Vec<String>,
    fronts: BTreeMap<String, Protocol>,
    torn: BTreeSet<String>,
}

impl Known {
    pub(super) fn of(file: &raw::File, torn: &Torn) -> Self {
        let who = file.allow.iter().flat_map(|rule| rule.value.who.iter().flatten());
        let fronts = file.services.iter().filter_map(|(name, service)| {
            let first = service.value.ports.first()?;
            let protocol = match &first.value {
                Port::Short(text) if text.starts_with("tcp") => Protocol::Tcp,
                Port::Short(_) => Protocol::Http,
                Port::Full(table) => table.protocol,
            };
            Some((name.value.clone(), protocol))
        });
        let torn_services = file.services.keys().filter(|name| torn.contains(&name.span.start));
        Self {
            clusters: file.clusters.keys().map(|name| name.value.clone()).collect(),
            services: file.services.keys().map(|name| name.value.clone()).collect(),
            environments: file.environments.keys().map(|name| name.value.clone()).collect(),
            groups: who.filter_map(|who| who.value.strip_prefix('@')).map(str::to_owned).collect(),
            fronts: fronts.collect(),
            torn: torn_services.map(|name| name.value.clone()).collect(),
        }
    }

    /// Whether a service stands in the file with keys that couldn't be read.
    pub(super) fn torn(&self, service: &str) -> bool {
        self.torn.contains(service)
    }

    /// What is spoken on a service's first port, if it has one.
    pub(super) fn front(&self, service: &str) -> Option<Protocol> {
        self.fronts.get(service).copied()
    }
}
