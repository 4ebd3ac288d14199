//! Which step waits for which.
//!
//! Most of it has to be so. Only that everybody lets go of a resource before it is removed can be too much to ask, where
//! something new waits for that very removal; then the removal comes first.

use super::{Key, Planner, Removal};
use crate::address::{Addr, Generation};
use crate::plan::Action;
use crate::value::{Spec, When};
use std::collections::{BTreeMap, BTreeSet};

/// What each step waits for, and from when on.
#[derive(Default)]
pub(super) struct Edges(BTreeMap<Key, BTreeMap<Key, When>>);

impl Edges {
    fn add(&mut self, from: &Key, to: Key, when: When) {
        if from != &to {
            let known = self.0.entry(from.clone()).or_default().entry(to).or_insert(when);
            *known = (*known).max(when);
        }
    }

    /// What a step waits for.
    pub(super) fn of(&self, key: &Key) -> impl Iterator<Item = (&Key, When)> {
        self.0.get(key).into_iter().flatten().map(|(to, when)| (to, *when))
    }

    /// Whether a step waits for another, directly or not.
    fn leads(&self, from: &Key, to: &Key) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(key) = open.pop() {
            if key == to {
                return true;
            }
            if seen.insert(key) {
                open.extend(self.of(key).map(|(next, _)| next));
            }
        }
        false
    }
}

impl Planner<'_> {
    /// Which step waits for which, and from when on.
    pub(super) fn edges(&self) -> Edges {
        let mut edges = Edges::default();
        for (key, draft) in &self.drafts {
            match &draft.action {
                Action::Create { spec, .. } | Action::Update { spec, .. } => {
                    self.needs(key, spec, &mut edges);
                    if let Some(generation) = draft.after_removal {
                        edges.add(key, (key.0.clone(), generation, Removal::Yes), When::Ready);
                    }
                }
                Action::Delete { replaced_by } => {
                    if let Some(next) = replaced_by
                        && !self.is_delete_first(&key.0, *next)
                        && let Some((to, _)) = self.bringing(&key.0)
                    {
                        edges.add(key, to.clone(), When::Ready);
                    }
                }
            }
        }
        self.let_go(&mut edges);
        edges
    }

    /// What something refers to comes before it.
    fn needs(&self, key: &Key, spec: &Spec, edges: &mut Edges) {
        for r in spec.refs() {
            if let Some((to, bringing)) = self.bringing(&r.addr) {
                let made = matches!(bringing.action, Action::Create { .. });
                // An update keeps its outputs, so only readiness is worth waiting for; a bystander stays ready.
                if made || (r.when == When::Ready && !self.bystanders.contains(&r.addr)) {
                    edges.add(key, to.clone(), r.when);
                }
            }
        }
    }

    /// What referred to a resource lets go of it before it is removed.
    fn let_go(&self, edges: &mut Edges) {
        let mut wishes = Vec::new();
        for ((addr, generation), row) in &self.actual.rows {
            let own = (addr.clone(), *generation, Removal::Yes);
            for r in row.spec.refs() {
                for (gone, _) in self.removals(&r.addr) {
                    if self.drafts.contains_key(&own) {
                        edges.add(gone, own.clone(), When::Ready);
                    } else if let Some((to, _)) = self.bringing(addr) {
                        if self.early.contains(gone) {
                            wishes.push((gone, to));
                        } else {
                            edges.add(gone, to.clone(), When::Ready);
                        }
                    }
                }
            }
        }
        for (gone, to) in wishes {
            if !edges.leads(to, gone) {
                edges.add(gone, to.clone(), When::Ready);
            }
        }
    }

    fn is_delete_first(&self, addr: &Addr, next: Generation) -> bool {
        self.drafts.get(&(addr.clone(), next, Removal::No)).is_some_and(|draft| draft.after_removal.is_some())
    }
}

/// Each key after those it waits for; otherwise in the order given.
pub(super) fn sort_after<'k>(keys: Vec<&'k Key>, edges: &'k Edges) -> Vec<&'k Key> {
    let mut sorted = Vec::with_capacity(keys.len());
    let mut seen = BTreeSet::new();
    let mut stack: Vec<(&Key, bool)> = keys.into_iter().rev().map(|key| (key, false)).collect();
    while let Some((key, expanded)) = stack.pop() {
        if expanded {
            sorted.push(key);
        } else if seen.insert(key) {
            stack.push((key, true));
            stack.extend(edges.of(key).map(|(to, _)| to).filter(|to| !seen.contains(to)).map(|to| (to, false)));
        }
    }
    sorted
}
