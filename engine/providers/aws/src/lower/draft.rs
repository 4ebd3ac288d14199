//! What is lowered so far, and how references are written.

use super::wanted::Wanted;
use crate::kinds::{AFTER, ID, PLACE, Shape};
use gantry_engine::address::Addr;
use gantry_engine::names::{ClusterName, Component};
use gantry_engine::ports::Finding;
use gantry_engine::resource::{Desired, Resource};
use gantry_engine::value::{Output, Ref, Spec, Value, When};
use sha2::{Digest, Sha256};

/// The longest last part of an address ([`gantry_engine::names::MAX_NAME`]).
const LONGEST: usize = gantry_engine::names::MAX_NAME;

/// What stands in the way.
pub(super) fn finding(what: impl Into<String>, remedy: impl Into<String>) -> Finding {
    Finding { what: what.into(), remedy: remedy.into() }
}

/// An environment half lowered.
pub(super) struct Draft<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    desired: Desired,
}

impl<'a> Draft<'a> {
    pub(super) fn new(wanted: &'a Wanted<'a>) -> Self {
        Self { wanted, desired: Desired::default() }
    }

    pub(super) fn done(self) -> Desired {
        self.desired
    }

    /// An address in this environment.
    pub(super) fn addr(&self, component: &str, part: &str) -> Result<Addr, Finding> {
        Addr::new(&self.wanted.env.key.env, component, part)
            .map_err(|bad| finding(format!("`{component}/{part}` can't be an address: {bad}"), "shorten the name"))
    }

    /// Adds a resource; gives its address.
    pub(super) fn add<S: Shape>(&mut self, component: &str, part: &str, spec: Spec) -> Result<Addr, Finding> {
        let addr = self.addr(component, part)?;
        let found = &self.wanted.found;
        let spec = spec.with(PLACE, format!("{}/{}", found.account, found.region));
        self.desired.resources.insert(addr.clone(), Resource { kind: S::KIND, spec });
        Ok(addr)
    }

    /// Adds something to show to people.
    pub(super) fn output(&mut self, label: impl Into<String>, value: impl Into<Value>) {
        self.desired.outputs.insert(label.into(), value.into());
    }

    /// An ARN in this account and region.
    pub(super) fn arn(&self, service: &str, rest: &str) -> String {
        let found = &self.wanted.found;
        format!("arn:{}:{service}:{}:{}:{rest}", found.partition, found.region, found.account)
    }
}

/// The component of a cluster.
pub(super) fn component(cluster: &ClusterName) -> String {
    Component::cluster(cluster).into()
}

/// The last part of an address, with a name of people in it: cut where that is too long, and still the only one.
pub(super) fn part(start: &str, name: &str) -> String {
    let whole = format!("{start}{name}");
    if whole.len() <= LONGEST {
        return whole;
    }
    let hash = hex::encode(&Sha256::digest(&whole)[..4]);
    let kept = whole.get(..LONGEST - hash.len() - 1).unwrap_or(start).trim_end_matches('-');
    format!("{kept}-{hash}")
}

/// A reference that may be followed as soon as the output is known.
pub(super) fn known(addr: &Addr, output: Output) -> Value {
    Value::Ref(Ref { addr: addr.clone(), output, when: When::Known })
}

/// A reference that may be followed once the resource is done.
pub(super) fn ready(addr: &Addr, output: Output) -> Value {
    Value::Ref(Ref { addr: addr.clone(), output, when: When::Ready })
}

/// AWS's name for a resource, once that is done.
pub(super) fn id(addr: &Addr) -> Value {
    ready(addr, ID)
}

/// A list of values.
pub(super) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(items.into_iter().collect())
}

/// A spec that has to wait for these, though none of its fields names them.
pub(super) fn after(spec: Spec, these: Vec<Value>) -> Spec {
    if these.is_empty() { spec } else { spec.with(AFTER, Value::List(these)) }
}

/// A text with values in the place of marks.
pub(super) fn fill(text: &str, marks: &[(&str, Value)]) -> Value {
    let mut parts = vec![Value::text(text)];
    for (mark, value) in marks {
        parts = parts.into_iter().flat_map(|part| split(part, mark, value)).collect();
    }
    match <[Value; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => Value::Join(parts),
    }
}

fn split(part: Value, mark: &str, value: &Value) -> Vec<Value> {
    let Value::Text(text) = part else { return vec![part] };
    let mut parts = Vec::new();
    for (at, piece) in text.split(mark).enumerate() {
        if at > 0 {
            parts.push(value.clone());
        }
        if !piece.is_empty() {
            parts.push(Value::text(piece));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_engine::names::EnvName;

    #[test]
    fn long_parts_are_cut_and_stay_apart() {
        let name = "a".repeat(LONGEST);
        let (one, two) = (part("to-", &name), part("to-", &format!("{}b", &name[1..])));
        assert!(one.len() <= LONGEST && one != two, "{one} {two}");
        assert_eq!(part("to-", "db"), "to-db");
    }

    #[test]
    fn marks_in_a_text_become_values() {
        let addr = Addr::new(&EnvName::new("dev").unwrap(), "db", "volume").unwrap();
        let filled = fill("volume/{v}!{v}", &[("{v}", id(&addr))]);
        assert_eq!(filled.to_string(), "volume/${dev/db/volume.id}!${dev/db/volume.id}");
        assert_eq!(fill("plain", &[("{v}", id(&addr))]), Value::text("plain"));
    }
}
