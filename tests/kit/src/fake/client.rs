//! One process's line to the fake cloud, with what that process remembers: nothing that a crash may not take.

use super::cloud::{FakeCloud, World};
use crate::life::Life;
use gantry_engine::provider::{ProviderError, Token};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// One process's line to the cloud.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) cloud: FakeCloud,
    life: Life,
    /// Since which call each effect has been looked for in vain.
    looking: Mutex<BTreeMap<Token, u64>>,
    /// Looking and then making must not meet another who looks and then makes.
    pub(super) one_at_a_time: tokio::sync::Mutex<()>,
}

impl Client {
    pub(super) fn new(cloud: FakeCloud, life: Life) -> Self {
        Self { cloud, life, looking: Mutex::default(), one_at_a_time: tokio::sync::Mutex::default() }
    }

    /// A call that changes nothing.
    pub(super) async fn ask<T>(&self, call: impl FnOnce(&mut World) -> T) -> Result<T, ProviderError> {
        self.life.alive().await;
        self.cloud.call(false, |world| Ok(call(world)))
    }

    /// A call that changes something. The process may die before it and after it.
    pub(super) async fn effect<T>(
        &self,
        call: impl FnOnce(&mut World) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        self.life.point().await;
        let answer = self.cloud.call(true, call);
        self.life.point().await;
        answer
    }

    /// Whether an effect was looked for in vain so long that it can't have happened.
    pub(super) fn never_happened(&self, token: &Token) -> bool {
        let (turn, lag) = self.now();
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let since = *looking.entry(token.clone()).or_insert(turn);
        turn >= since + lag
    }

    /// From now on the effect may have happened.
    pub(super) fn may_have_happened(&self, token: &Token) {
        let (turn, _) = self.now();
        self.looking.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), turn);
    }

    fn now(&self) -> (u64, u64) {
        let world = self.cloud.lock();
        (world.turn, world.fates.weather.lag)
    }
}
