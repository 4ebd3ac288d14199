//! Leases: one holder, and nothing from a holder of the past.

use super::Case;
use super::samples::{at, claim, holder, leased, propose, work};
use gantry_engine::journal::State;
use gantry_engine::ports::{Commit, Lease, Store, StoreError};
use std::sync::Arc;

pub(super) async fn one_holder_until_the_end(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    let first = store.lease(op, &holder("w1"), at(0), at(30)).await?.expect("nobody has it");
    assert_eq!((first.op, &first.holder), (op, &holder("w1")));
    assert_eq!(store.lease(op, &holder("w2"), at(29), at(90)).await?, None);
    store.append(work(&first, 1, "still mine")).await?;
    let second = store.lease(op, &holder("w2"), at(30), at(60)).await?.expect("over at its end, not after it");
    assert!(second.epoch > first.epoch);
    assert_eq!(store.lease(op, &holder("w1"), at(31), at(90)).await?, None);
    Ok(())
}

pub(super) async fn a_holder_that_comes_back_gets_a_new_epoch(store: Arc<dyn Store>) -> Case {
    let before = leased(&*store, "d1", "dev").await?;
    let after = store.lease(before.op, &before.holder, at(1), at(60)).await?.expect("a new process of that name");
    assert!(after.epoch > before.epoch);
    assert_eq!(store.append(work(&before, 1, "")).await, Err(StoreError::Fenced(before.op)));
    assert_eq!(store.append(work(&after, 1, "")).await?, 2);
    Ok(())
}

pub(super) async fn a_stale_lease_is_refused_everywhere(store: Arc<dyn Store>) -> Case {
    let stale = leased(&*store, "d1", "dev").await?;
    let op = stale.op;
    let newer = store.lease(op, &holder("w2"), at(60), at(120)).await?.expect("it was over");
    let fenced = StoreError::Fenced(op);
    assert_eq!(store.append(work(&stale, 1, "")).await, Err(fenced.clone()));
    assert_eq!(store.append(work(&stale, 9, "")).await, Err(fenced.clone()), "before the numbers are looked at");
    assert_eq!(store.renew(&stale, at(999)).await, Err(fenced.clone()));
    assert_eq!(store.claim(&stale, &claim("dev", &[])).await, Err(fenced.clone()));
    assert_eq!(store.unclaim(&stale).await, Err(fenced.clone()));
    assert_eq!(store.release(&stale).await, Err(fenced.clone()));
    let forged = Lease { holder: holder("w1"), ..newer.clone() };
    assert_eq!(store.append(work(&forged, 1, "")).await, Err(fenced), "the epoch of another holder");
    assert_eq!(store.history(op, 0).await?.len(), 1);
    assert_eq!(store.append(work(&newer, 1, "")).await?, 2);
    Ok(())
}

pub(super) async fn renewing_moves_the_end(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    store.renew(&lease, at(100)).await?;
    assert_eq!(store.lease(lease.op, &holder("w2"), at(99), at(200)).await?, None);
    assert!(store.lease(lease.op, &holder("w2"), at(100), at(200)).await?.is_some());
    Ok(())
}

pub(super) async fn given_back_is_given_back(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    store.release(&lease).await?;
    store.release(&lease).await?;
    let fenced = StoreError::Fenced(lease.op);
    assert_eq!(store.append(work(&lease, 1, "")).await, Err(fenced.clone()));
    assert_eq!(store.renew(&lease, at(999)).await, Err(fenced.clone()));
    let next = store.lease(lease.op, &holder("w2"), at(1), at(60)).await?.expect("free before its end");
    assert!(next.epoch > lease.epoch);
    assert_eq!(store.release(&lease).await, Err(fenced), "nobody gives back what is another's");
    assert_eq!(store.append(work(&next, 1, "")).await?, 2);
    Ok(())
}

pub(super) async fn a_lease_for_another_operation_is_refused(store: Arc<dyn Store>) -> Case {
    let mine = leased(&*store, "d1", "dev").await?;
    let other = leased(&*store, "d2", "prod").await?;
    let crossed = Commit { op: other.op, ..work(&mine, 1, "") };
    assert_eq!(store.append(crossed).await, Err(StoreError::Fenced(other.op)));
    assert_eq!(store.history(other.op, 0).await?.len(), 1);
    Ok(())
}

pub(super) async fn closing_gives_up_the_lease(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    store.append(Commit { state: State::Succeeded, ..work(&lease, 1, "over") }).await?;
    assert_eq!(store.append(work(&lease, 2, "more")).await, Err(StoreError::Fenced(lease.op)));
    store.release(&lease).await?;
    assert_eq!(store.lease(lease.op, &holder("w2"), at(99), at(120)).await?, None, "nothing is left to do");
    Ok(())
}
