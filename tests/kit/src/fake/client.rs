//! One process's line to the fake cloud, with what that process remembers: nothing that a crash may not take.

use super::cloud::{FakeCloud, World};
use crate::life::Life;
use gantry_engine::provider::{ProviderError, Token};
use gantry_engine::resource::PhysicalId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One process's line to the cloud.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) cloud: FakeCloud,
    life: Life,
    made: Mutex<BTreeMap<Token, PhysicalId>>,
    /// Looking and then making must not meet another who looks and then makes.
    pub(super) one_at_a_time: tokio::sync::Mutex<()>,
}

impl Client {
    pub(super) fn new(cloud: FakeCloud, life: Life) -> Self {
        Self { cloud, life, made: Mutex::default(), one_at_a_time: tokio::sync::Mutex::default() }
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

    /// What this process made with a token: it needn't look for that.
    pub(super) fn made(&self, token: &Token) -> Option<PhysicalId> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// This process made it.
    pub(super) fn remember(&self, token: &Token, id: &PhysicalId) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), id.clone());
    }

    /// How long look-ups by mark may lag.
    pub(super) fn lag(&self) -> Duration {
        Duration::from_secs(self.cloud.weather().lag)
    }
}
