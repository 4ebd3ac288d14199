//! The end of a teardown, and of a sweep: what the outside shows once an inventory can be trusted, and the receipt.

use super::drive::{Run, Writing, later};
use crate::address::Kind;
use crate::change::Change;
use crate::journal::{Entry, StepState};
use crate::plan::Action;
use crate::ports::{Platform, RowChange, StoreError, Whose};
use crate::provider::ProviderError;
use crate::receipt::{Found, Item, Receipt};
use crate::resource::{Actual, PhysicalId, Row, RowState};
use crate::sweep;
use crate::value::{Outputs, Spec};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tokio::sync::Notify;

/// How long to wait before an inventory that failed is asked for again.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// How often it is looked again, over the time that an inventory may lag, at what it shows and shouldn't.
const LOOKS: i32 = 4;

impl Run<'_> {
    /// Asks the outside what is left, by mark and not from memory. An inventory lags, so it isn't asked before it can know
    /// of the last effect; and what it shows then that should be gone gets some time to vanish.
    pub(super) async fn take_receipt(&mut self, bell: &Notify) -> Result<(), StoreError> {
        let platform = self.platform().await?;
        let now = self.engine.clock.now();
        let lag = SignedDuration::try_from(platform.lag()).unwrap_or(SignedDuration::MAX);
        let first = later(self.last_effect(), lag);
        let until = later(first, lag);
        if now < first {
            self.count_again(0, until).await?;
            return self.pause(first, bell).await;
        }
        let found = match platform.inventory(&self.engine.installation, Whose::Env(&self.op.request.key)).await {
            Ok(found) => found,
            // A receipt without an inventory would be a guess, so it is asked for until it is there or somebody cancels.
            Err(error) => {
                tracing::warn!(op = %self.op.id, %error, "the inventory can't be had yet");
                let again = match error {
                    ProviderError::Throttled { again } => SignedDuration::try_from(again).unwrap_or(ASK_AGAIN),
                    _ => ASK_AGAIN,
                };
                return self.pause(later(now, again), bell).await;
            }
        };
        let (receipt, rows) = self.sum_up(platform.as_ref(), found).await?;
        if now < until && !receipt.is_clean() {
            self.count_again(u32::try_from(receipt.left.len()).unwrap_or(u32::MAX), until).await?;
            return self.pause(later(now, lag / LOOKS).min(until), bell).await;
        }
        self.append(Writing { entries: vec![Entry::Receipted(receipt)], rows, ..Writing::default() }).await.map(drop)
    }

    /// When the last thing was removed.
    fn last_effect(&self) -> Timestamp {
        let ends = self.op.steps.iter().filter_map(|state| match state {
            StepState::Done { at, .. } => Some(*at),
            _ => None,
        });
        ends.max().unwrap_or(Timestamp::MIN)
    }

    /// Says in the journal that it isn't counted for good yet, once per number.
    async fn count_again(&mut self, left: u32, until: Timestamp) -> Result<(), StoreError> {
        if self.op.counting == Some((left, until)) {
            return Ok(());
        }
        self.append(Entry::Counting { left, until }.into()).await.map(drop)
    }

    /// The receipt for what an inventory shows, and rows for what is left.
    async fn sum_up(
        &self,
        platform: &dyn Platform,
        found: Vec<Found>,
    ) -> Result<(Receipt, Vec<RowChange>), StoreError> {
        let key = &self.op.request.key;
        let (destroyed, stays) = self.removals();
        let rows: Actual = self.engine.store.rows(key).await?;
        let holds_data = |thing: &Found| platform.rules().holds_data(&thing.kind);
        if let Change::Sweep { volumes } = self.op.request.change {
            let record = self.engine.store.environment(key).await?;
            let found = sweep::leftovers(found, record.as_ref(), &rows);
            // The next sweep finds what is left as this one did, so nothing has to remember it.
            let receipt = Receipt::new(destroyed, stays, found, |thing| !volumes && holds_data(thing));
            return Ok((receipt, Vec::new()));
        }
        let on_purpose = |thing: &Found| rows.rows.contains_key(&(thing.mark.addr.clone(), thing.mark.generation));
        let keep = |thing: &Found| holds_data(thing) && on_purpose(thing);
        // What is left gets a row, so that the next teardown has a step for it.
        let adopted = found.iter().filter(|thing| !keep(thing)).map(|thing| self.adopted(thing)).collect();
        Ok((Receipt::new(destroyed, stays, found.clone(), keep), adopted))
    }

    /// How many things were removed, and what their removals left on purpose: a thing that stays itself wasn't.
    fn removals(&self) -> (u32, Vec<Item>) {
        let (mut destroyed, mut stays) = (0, Vec::new());
        let steps = self.op.plan.steps.iter().zip(&self.op.steps);
        for (step, state) in steps.filter(|(step, _)| matches!(step.action, Action::Delete { .. })) {
            let StepState::Done { outputs, .. } = state else { continue };
            destroyed += u32::from(!outputs.keys().any(|kind| kind.as_str() == step.kind.as_str()));
            stays.extend(outputs.iter().map(|(kind, id)| Item {
                addr: step.addr.clone(),
                generation: step.generation,
                kind: Kind::named(kind.as_str()),
                id: PhysicalId(id.clone()),
            }));
        }
        (destroyed, stays)
    }

    fn adopted(&self, thing: &Found) -> RowChange {
        let row = Row {
            kind: thing.kind.clone(),
            incarnation: thing.mark.incarnation,
            state: RowState::Unsettled,
            id: Some(thing.id.clone()),
            spec: Spec::new(),
            resolved: BTreeMap::new(),
            outputs: Outputs::new(),
            by: self.op.id,
            known: None,
        };
        RowChange { addr: thing.mark.addr.clone(), generation: thing.mark.generation, row: Some(row) }
    }
}
