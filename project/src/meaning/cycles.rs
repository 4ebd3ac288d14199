//! Circles: things that need each other, so that none can be first.

use crate::raw::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Who needs whom, and where the file says so.
pub(super) type Needs = BTreeMap<String, BTreeMap<String, Span>>;

/// One step of a circle: who, needing whom, said where.
pub(super) type Edge<'a> = (&'a str, &'a str, &'a Span);

/// Circles such that breaking one edge in each leaves none of those found; the same circle is told once.
pub(super) fn cycles(needs: &Needs) -> Vec<Vec<Edge<'_>>> {
    let mut walk = Walk { needs, path: Vec::new(), done: BTreeSet::new(), found: Vec::new() };
    for name in needs.keys() {
        walk.visit(name);
    }
    walk.found
}

/// A circle in words: `web needs api, api needs web`.
pub(super) fn told(cycle: &[Edge<'_>], verb: &str) -> String {
    let steps: Vec<String> = cycle.iter().map(|(who, whom, _)| format!("`{who}` {verb} `{whom}`")).collect();
    steps.join(", ")
}

/// A walk along every edge once. Deep chains are as long as the list of services, so the stack holds.
struct Walk<'a> {
    needs: &'a Needs,
    path: Vec<Edge<'a>>,
    done: BTreeSet<&'a str>,
    found: Vec<Vec<Edge<'a>>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, name: &'a str) {
        if self.done.contains(name) {
            return;
        }
        for (whom, span) in self.needs.get(name).into_iter().flatten() {
            self.path.push((name, whom, span));
            match self.path.iter().position(|(who, _, _)| who == whom) {
                Some(start) => self.found.push(self.path[start..].to_vec()),
                None => self.visit(whom),
            }
            self.path.pop();
        }
        self.done.insert(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(edges: &[(&str, &str)]) -> Needs {
        let mut needs = Needs::new();
        for (who, whom) in edges {
            needs.entry((*who).to_owned()).or_default().insert((*whom).to_owned(), 0..0);
        }
        needs
    }

    #[test]
    fn circles_are_found_once() {
        let of = |edges: &[(&str, &str)]| cycles(&needs(edges)).iter().map(|c| told(c, "needs")).collect::<Vec<_>>();
        assert!(of(&[("web", "api"), ("api", "db"), ("web", "db")]).is_empty());
        assert_eq!(of(&[("a", "a")]), ["`a` needs `a`"]);
        assert_eq!(
            of(&[("web", "api"), ("api", "db"), ("db", "web"), ("x", "web")]),
            ["`api` needs `db`, `db` needs `web`, `web` needs `api`"]
        );
        assert_eq!(of(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]).len(), 2);
    }
}
