//! The fake's kinds: a table of how each is nasty, and the rules for changing them.

use gantry_engine::address::Kind;
use gantry_engine::cost::{Price, Prices, Rate};
use gantry_engine::plan::{Diff, Rules, Transition};
use gantry_engine::provider::Facts;
use gantry_engine::value::{Spec, Value};

/// The kinds by name.
pub mod kind {
    use gantry_engine::address::Kind;

    /// Its id is known at once; it is ready later. Another range is another network, made first.
    pub const NETWORK: Kind = Kind::new("fake.network");
    /// Two things under one mark; its address is known long before it is ready. Its name is unique.
    pub const BALANCER: Kind = Kind::new("fake.balancer");
    /// A rollout, task by task; taken back where the version is `broken`, never done where it is `stuck`.
    pub const SERVICE: Kind = Kind::new("fake.service");
    /// Holds people's data.
    pub const VOLUME: Kind = Kind::new("fake.volume");
    /// A name that only one can have: a conflict where it is somebody else's.
    pub const RECORD: Kind = Kind::new("fake.record");
    /// Its number of nodes changes by itself.
    pub const GROUP: Kind = Kind::new("fake.group");
    /// Can't be changed; the next is made before the last goes.
    pub const CERTIFICATE: Kind = Kind::new("fake.certificate");
    /// Can't be changed; the last goes before the next is made.
    pub const DISK: Kind = Kind::new("fake.disk");
    /// What a service runs, one for each release: with a new one the old one goes. Whoever runs it doesn't hold it.
    pub const RECIPE: Kind = Kind::new("fake.recipe");
    /// Can be used only some time after it is there. Its name is unique.
    pub const ROLE: Kind = Kind::new("fake.role");
}

/// How a cloud knows a create again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// By a token that the caller sends.
    Token,
    /// By a name that is unique.
    Name,
    /// Not at all: asked twice, it makes two. The caller has to look for its tag.
    Tag,
}

/// What is particular about a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    pub(super) identity: Identity,
    /// So many looks until it is ready, in fair weather.
    pub(super) looks: u32,
    /// Fields whose change makes another thing.
    pub(super) fixed: &'static [&'static str],
    /// How it becomes another thing.
    pub(super) replace: Transition,
    /// What it gives out, and whether that is known from the first look on.
    pub(super) outputs: &'static [(&'static str, bool)],
    /// Whether it can't be removed while something refers to it.
    pub(super) clings: bool,
}

const PLAIN: Habits = Habits {
    identity: Identity::Tag,
    looks: 1,
    fixed: &[],
    replace: Transition::CreateFirst,
    outputs: &[("id", false)],
    clings: true,
};

/// Every kind.
pub(super) static KINDS: [(Kind, Habits); 10] = [
    (kind::NETWORK, Habits { looks: 2, fixed: &["range"], outputs: &[("id", true)], ..PLAIN }),
    (kind::BALANCER, BALANCER),
    (kind::SERVICE, Habits { identity: Identity::Token, outputs: &[("name", false)], clings: false, ..PLAIN }),
    (kind::VOLUME, VOLUME),
    (kind::RECORD, Habits { identity: Identity::Name, fixed: &["name"], outputs: &[("name", false)], ..PLAIN }),
    (kind::GROUP, Habits { outputs: &[("name", false)], ..PLAIN }),
    (kind::CERTIFICATE, Habits { identity: Identity::Token, looks: 3, fixed: &["host"], ..PLAIN }),
    (kind::DISK, Habits { fixed: &["size"], replace: Transition::DeleteFirst, clings: false, ..PLAIN }),
    (kind::RECIPE, Habits { fixed: &["version"], clings: false, ..PLAIN }),
    (kind::ROLE, Habits { identity: Identity::Name, ..PLAIN }),
];

const BALANCER: Habits = Habits {
    identity: Identity::Name,
    looks: 4,
    fixed: &["scheme"],
    outputs: &[("address", true), ("host", true), ("port", true), ("url", false)],
    ..PLAIN
};

const VOLUME: Habits =
    Habits { identity: Identity::Token, fixed: &["path"], replace: Transition::DeleteFirst, clings: false, ..PLAIN };

/// The row of a kind.
pub(super) fn habits(kind: &Kind) -> Option<&'static Habits> {
    KINDS.iter().find(|(known, _)| known == kind).map(|(_, habits)| habits)
}

/// What is known about changing the fake's kinds.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakeRules;

impl Rules for FakeRules {
    fn transition(&self, &Diff { kind, from, to, .. }: &Diff<'_>) -> Transition {
        match habits(kind) {
            Some(habits) if habits.fixed.iter().any(|field| from.get(field) != to.get(field)) => habits.replace,
            _ => Transition::InPlace,
        }
    }

    fn holds_data(&self, kind: &Kind) -> bool {
        kind == &kind::VOLUME
    }

    fn rank(&self, kind: &Kind) -> u8 {
        u8::from(kind == &kind::NETWORK)
    }
}

/// What the fake's kinds cost.
#[derive(Debug, Clone, Copy, Default)]
pub struct FakePrices;

impl Prices for FakePrices {
    fn price(&self, kind: &Kind, spec: &Spec, _facts: &Facts) -> Price {
        let number = |field: &str| spec.get(field).and_then(Value::as_int).and_then(|n| u64::try_from(n).ok());
        let rate = match kind {
            kind if kind == &kind::BALANCER => 25_000,
            kind if kind == &kind::VOLUME => 1_000,
            kind if kind == &kind::GROUP => 10_000 * number("min").unwrap_or(0),
            _ => 0,
        };
        let by_use = (kind == &kind::BALANCER).then(|| "$0.01 per GB through a balancer".to_owned());
        Price { rate: Rate(rate), by_use }
    }

    fn as_of(&self) -> &'static str {
        "2026-11-01"
    }
}
