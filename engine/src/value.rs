//! What a resource is asked to be: a [`Spec`] of ordered, canonical [`Value`]s whose leaves may be [`Ref`]s.
//!
//! No floats and no nulls: everything here has exactly one spelling, so that a digest over it means something.

use crate::address::Addr;
use crate::names::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The name of something a resource gives out once it exists: `address`, `id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Output(std::borrow::Cow<'static, str>);

impl Output {
    /// An output that a provider names in its code.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(text))
    }

    /// An output named by a project file.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(std::borrow::Cow::Owned(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a resource gave out.
pub type Outputs = BTreeMap<Output, String>;

/// When a reference may be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// As soon as the output is known, though the resource may still be on its way.
    Known,
    /// Once the resource is done.
    Ready,
}

/// A leaf that is another resource's output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ref {
    /// Whose.
    pub addr: Addr,
    /// Which.
    pub output: Output,
    /// From when on.
    pub when: When,
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}.{}}}", self.addr, self.output)
    }
}

/// A value of a spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// Values in an order that matters.
    List(Vec<Value>),
    /// Values by name.
    Map(Spec),
    /// Another resource's output.
    Ref(Ref),
    /// A text joined from parts, at least one of them a reference.
    Join(Vec<Value>),
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// As plain JSON, for a provider's own types. References are followed before that; one that isn't is shown as it is
    /// written.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Bool(yes) => Json::from(*yes),
            Self::Int(number) => Json::from(*number),
            Self::Text(text) => Json::from(text.as_str()),
            Self::List(items) => Json::Array(items.iter().map(Self::json).collect()),
            Self::Map(spec) => Json::Object(spec.0.iter().map(|(key, value)| (key.clone(), value.json())).collect()),
            Self::Ref(_) | Self::Join(_) => Json::from(self.to_string()),
        }
    }

    /// Every reference in it.
    #[must_use]
    pub fn refs(&self) -> BTreeSet<&Ref> {
        let mut found = BTreeSet::new();
        self.find_refs(&mut found);
        found
    }

    fn find_refs<'a>(&'a self, found: &mut BTreeSet<&'a Ref>) {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Text(_) => {}
            Self::List(items) | Self::Join(items) => items.iter().for_each(|item| item.find_refs(found)),
            Self::Map(spec) => spec.0.values().for_each(|item| item.find_refs(found)),
            Self::Ref(r) => {
                found.insert(r);
            }
        }
    }

    fn resolve(&self, lookup: &dyn Fn(&Ref) -> Option<String>) -> Result<Self, Unresolved> {
        let all = |items: &[Self]| items.iter().map(|item| item.resolve(lookup)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::Bool(_) | Self::Int(_) | Self::Text(_) => self.clone(),
            Self::List(items) => Self::List(all(items)?),
            Self::Map(spec) => Self::Map(spec.resolve(lookup)?),
            Self::Ref(r) => Self::Text(lookup(r).ok_or_else(|| Unresolved(r.clone()))?),
            Self::Join(items) => {
                let mut text = String::new();
                for item in all(items)? {
                    text.push_str(&item.to_string());
                }
                Self::Text(text)
            }
        })
    }

    fn canonical(&self, to: &mut Canon) {
        match self {
            Self::Bool(b) => to.tag(b'b').bytes(&[u8::from(*b)]),
            Self::Int(n) => to.tag(b'i').bytes(&n.to_be_bytes()),
            Self::Text(text) => to.tag(b't').bytes(text.as_bytes()),
            Self::List(items) => items.iter().fold(to.tag(b'l').count(items.len()), |to, item| to.value(item)),
            Self::Join(items) => items.iter().fold(to.tag(b'j').count(items.len()), |to, item| to.value(item)),
            Self::Map(spec) => to.tag(b'm').spec(spec),
            Self::Ref(r) => {
                let when = if r.when == When::Known { b'k' } else { b'r' };
                to.tag(when).text(&r.addr.to_string()).text(r.output.as_str())
            }
        };
    }
}

impl fmt::Display for Value {
    /// As people read it in a plan: references in their own notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Text(text) => f.write_str(text),
            Self::Ref(r) => write!(f, "{r}"),
            Self::Join(items) => items.iter().try_for_each(|item| write!(f, "{item}")),
            Self::List(items) => {
                let shown: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", shown.join(", "))
            }
            Self::Map(spec) => {
                let shown: Vec<_> = spec.0.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "{{{}}}", shown.join(", "))
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<Ref> for Value {
    fn from(r: Ref) -> Self {
        Self::Ref(r)
    }
}

/// A reference that can't be followed yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} isn't known yet")]
pub struct Unresolved(pub Ref);

/// Named values: what is wanted of a resource. Managed fields only.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spec(pub BTreeMap<String, Value>);

impl Spec {
    /// An empty spec.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    /// Whether it has no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Every reference in it.
    #[must_use]
    pub fn refs(&self) -> BTreeSet<&Ref> {
        let mut found = BTreeSet::new();
        self.0.values().for_each(|value| value.find_refs(&mut found));
        found
    }

    /// The same with every reference followed.
    ///
    /// # Errors
    /// [`Unresolved`] names the first reference that `lookup` doesn't know.
    pub fn resolve(&self, lookup: &dyn Fn(&Ref) -> Option<String>) -> Result<Self, Unresolved> {
        self.0
            .iter()
            .map(|(field, value)| Ok((field.clone(), value.resolve(lookup)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Writes values as bytes that are a function of content alone: every part is tagged and carries its length, so that
/// no two different contents share their bytes.
pub struct Canon(Sha256);

impl Canon {
    /// Starts with what the bytes are for, so that digests of different things never meet.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        let mut canon = Self(Sha256::new());
        canon.text(purpose);
        canon
    }

    /// One byte that says what comes.
    pub fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.update([tag]);
        self
    }

    /// How many parts come.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.0.update((count as u64).to_be_bytes());
        self
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len());
        self.0.update(bytes);
        self
    }

    /// A text with its length.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// A value.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        value.canonical(self);
        self
    }

    /// A spec.
    pub fn spec(&mut self, spec: &Spec) -> &mut Self {
        self.count(spec.0.len());
        for (field, value) in &spec.0 {
            self.text(field).value(value);
        }
        self
    }

    /// The digest of all that was written (SHA-256).
    #[must_use]
    pub fn digest(self) -> Digest {
        Digest::new(hex::encode(self.0.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::EnvName;

    fn reference() -> Ref {
        let addr = Addr::new(&EnvName::new("dev").unwrap(), "db", "balancer").unwrap();
        Ref { addr, output: Output::new("address"), when: When::Known }
    }

    #[test]
    fn a_join_resolves_to_text_and_says_what_it_waits_for() {
        let url = Value::Join(vec!["http://".into(), reference().into(), "/x".into()]);
        let spec = Spec::new().with("url", url).with("n", 3_i64);
        assert_eq!(spec.resolve(&|_| None), Err(Unresolved(reference())));
        let resolved = spec.resolve(&|_| Some("127.0.0.1:9".into())).unwrap();
        assert_eq!(resolved.get("url").unwrap().as_text(), Some("http://127.0.0.1:9/x"));
        assert_eq!(spec.get("url").unwrap().to_string(), "http://${dev/db/balancer.address}/x");
    }

    #[test]
    fn the_canonical_form_tells_neighbours_apart() {
        let digest = |value: Value| {
            let mut canon = Canon::new("test");
            canon.value(&value);
            canon.digest()
        };
        let values: [Value; 8] = [
            "ab".into(),
            Value::List(vec!["a".into(), "b".into()]),
            Value::List(vec!["ab".into()]),
            Value::Join(vec!["a".into(), "b".into()]),
            Value::Map(Spec::new().with("a", "b")),
            1_i64.into(),
            true.into(),
            "1".into(),
        ];
        let digests: BTreeSet<_> = values.into_iter().map(digest).collect();
        assert_eq!(digests.len(), 8);
    }

    #[test]
    fn stored_form_reads_back() {
        let spec = Spec::new().with("r", reference()).with("m", Value::Map(Spec::new().with("ref", "not one")));
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&text).unwrap(), spec);
    }
}
