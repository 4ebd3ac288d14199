//! How nasty the fake cloud is. Each nastiness can be switched on by itself; what is random follows from the seed.

use crate::dice::Dice;
use crate::life::Edge;
use gantry_engine::provider::ProviderError;
use std::collections::BTreeMap;
use std::time::Duration;

/// How nasty the cloud is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// Where the dice start.
    pub seed: u64,
    /// Things take so many times as many looks as usual until they are ready.
    pub slowness: u32,
    /// For so many calls or seconds, look-ups by mark see neither what is new nor that something is gone.
    pub lag: u64,
    /// For so many calls or seconds, something that was used by what is gone can't be removed.
    pub clinging: u64,
    /// Calls in a hundred that are throttled.
    pub throttle: u8,
    /// Calls in a hundred that fail before their effect.
    pub fail: u8,
    /// Effects in a hundred whose reply is lost.
    pub lose: u8,
}

impl Weather {
    /// Everything at once, and nothing fails. Still, things have their order: what depends must go first.
    pub const FAIR: Self = Self { seed: 0, slowness: 1, lag: 0, clinging: 0, throttle: 0, fail: 0, lose: 0 };

    /// As AWS is on a usual day: look-ups lag, what was used clings, nothing fails by chance.
    pub const USUAL: Self = Self { slowness: 2, lag: 30, clinging: 3, ..Self::FAIR };

    /// A bad day, by seed.
    #[must_use]
    pub fn storm(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let small = |dice: &mut Dice, sides| u8::try_from(dice.below(sides)).unwrap_or(0);
        Self {
            seed,
            slowness: 1 + u32::from(small(&mut dice, 3)),
            lag: dice.below(60),
            clinging: dice.below(5),
            throttle: small(&mut dice, 8),
            fail: small(&mut dice, 10),
            lose: small(&mut dice, 10),
        }
    }
}

/// What happens to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Works,
    FailsBefore(ProviderError),
    LosesReply,
}

/// Decides each call's fate.
#[derive(Debug)]
pub(super) struct Fates {
    pub(super) weather: Weather,
    dice: Dice,
    /// Fates that a test asked for, by the number of effects from now.
    planned: BTreeMap<u64, Edge>,
}

impl Fates {
    pub(super) fn new(weather: Weather) -> Self {
        Self { weather, dice: Dice::new(weather.seed), planned: BTreeMap::new() }
    }

    /// The effect after `skip` more ones fails on that edge.
    pub(super) fn fail_effect(&mut self, skip: u64, edge: Edge) {
        self.planned.insert(skip, edge);
    }

    /// The fate of the next call. `effect` says whether it changes anything.
    pub(super) fn next(&mut self, effect: bool) -> Fate {
        if effect {
            let planned = std::mem::take(&mut self.planned);
            let now = planned.get(&0).copied();
            self.planned = planned.into_iter().filter_map(|(at, edge)| Some((at.checked_sub(1)?, edge))).collect();
            match now {
                Some(Edge::Before) => return Fate::FailsBefore(broken()),
                Some(Edge::After) => return Fate::LosesReply,
                None => {}
            }
        }
        if self.dice.percent(self.weather.throttle) {
            return Fate::FailsBefore(ProviderError::Throttled { again: Duration::from_secs(2) });
        }
        if self.dice.percent(self.weather.fail) {
            return Fate::FailsBefore(broken());
        }
        if effect && self.dice.percent(self.weather.lose) {
            return Fate::LosesReply;
        }
        Fate::Works
    }
}

pub(super) fn broken() -> ProviderError {
    ProviderError::Transient("the connection broke".to_owned())
}
