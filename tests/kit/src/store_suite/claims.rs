//! Claims: what conflicts is held by one, in the order of asking.

use super::Case;
use super::samples::{at, claim, click, holder, leased, work};
use crate::dice::Dice;
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::ports::{Admission, Claim, Commit, Lease, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

async fn operations(store: &dyn Store, count: usize) -> Result<Vec<Lease>, StoreError> {
    let mut leases = vec![];
    for number in 0..count {
        leases.push(leased(store, &format!("claim-{number}"), "dev").await?);
    }
    Ok(leases)
}

fn behind(ahead: &[&Lease]) -> Admission {
    Admission::Queued { ahead: ahead.iter().map(|lease| lease.op).collect::<Vec<OpId>>() }
}

pub(super) async fn disjoint_claims_run_side_by_side(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[1], &claim("dev", &["db", "network"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[2], &claim("prod", &[])).await?, Admission::Granted, "another environment");
    Ok(())
}

pub(super) async fn overlapping_claims_queue_in_the_order_of_asking(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    let web = claim("dev", &["web"]);
    // The order of asking isn't the order of the operations' numbers.
    assert_eq!(store.claim(&ops[2], &web).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[0], &web).await?, behind(&[&ops[2]]));
    assert_eq!(store.claim(&ops[1], &web).await?, behind(&[&ops[2], &ops[0]]));
    store.unclaim(&ops[2]).await?;
    assert_eq!(store.claim(&ops[1], &web).await?, behind(&[&ops[0]]), "who asked earlier goes first");
    assert_eq!(store.claim(&ops[0], &web).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[2], &web).await?, behind(&[&ops[0], &ops[1]]), "given back, it starts at the end");
    store.unclaim(&ops[0]).await?;
    assert_eq!(store.claim(&ops[1], &web).await?, Admission::Granted);
    Ok(())
}

pub(super) async fn a_whole_environment_conflicts_with_every_part(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[1], &claim("dev", &[])).await?, behind(&[&ops[0]]));
    store.unclaim(&ops[0]).await?;
    assert_eq!(store.claim(&ops[1], &claim("dev", &[])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[2], &claim("dev", &["db"])).await?, behind(&[&ops[1]]));
    Ok(())
}

pub(super) async fn a_waiter_bars_those_behind_it(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 4).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[1], &claim("dev", &["web", "db"])).await?, behind(&[&ops[0]]));
    assert_eq!(store.claim(&ops[2], &claim("dev", &["db"])).await?, behind(&[&ops[1]]), "free, but promised");
    assert_eq!(store.claim(&ops[3], &claim("dev", &["network"])).await?, Admission::Granted);
    store.unclaim(&ops[1]).await?;
    assert_eq!(store.claim(&ops[2], &claim("dev", &["db"])).await?, Admission::Granted, "a place can be given back");
    Ok(())
}

pub(super) async fn asking_again_keeps_the_place(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    let web = claim("dev", &["web"]);
    for _ in 0..2 {
        assert_eq!(store.claim(&ops[0], &web).await?, Admission::Granted);
        assert_eq!(store.claim(&ops[1], &web).await?, behind(&[&ops[0]]));
        assert_eq!(store.claim(&ops[2], &web).await?, behind(&[&ops[0], &ops[1]]));
    }
    Ok(())
}

pub(super) async fn another_claim_keeps_the_position(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[1], &claim("dev", &["web"])).await?, behind(&[&ops[0]]));
    assert_eq!(store.claim(&ops[2], &claim("dev", &["web", "db"])).await?, behind(&[&ops[0], &ops[1]]));
    assert_eq!(
        store.claim(&ops[1], &claim("dev", &["web", "db"])).await?,
        behind(&[&ops[0]]),
        "still before the third"
    );
    store.unclaim(&ops[0]).await?;
    assert_eq!(store.claim(&ops[2], &claim("dev", &["web", "db"])).await?, behind(&[&ops[1]]));
    assert_eq!(store.claim(&ops[1], &claim("dev", &["db"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[2], &claim("dev", &["web"])).await?, Admission::Granted, "the old claim is gone");
    Ok(())
}

pub(super) async fn a_grown_claim_waits_for_who_holds(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[1], &claim("dev", &["db"])).await?, Admission::Granted);
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web", "db"])).await?, behind(&[&ops[1]]), "it is held");
    assert_eq!(store.claim(&ops[1], &claim("dev", &["db"])).await?, Admission::Granted, "what is held stays held");
    assert_eq!(store.claim(&ops[2], &claim("dev", &["db"])).await?, behind(&[&ops[1], &ops[0]]), "the next one first");
    store.unclaim(&ops[1]).await?;
    assert_eq!(store.claim(&ops[0], &claim("dev", &["web", "db"])).await?, Admission::Granted);
    Ok(())
}

pub(super) async fn closing_gives_up_the_claim(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 3).await?;
    let web = claim("dev", &["web"]);
    for op in &ops {
        store.claim(op, &web).await?;
    }
    store.append(Commit { state: State::Failed, ..work(&ops[0], 1, "over") }).await?;
    assert_eq!(store.claim(&ops[2], &web).await?, behind(&[&ops[1]]));
    let rejected = Commit { state: State::Rejected, ..click(ops[1].op, "c1", 1) };
    store.append(rejected).await?;
    assert_eq!(store.claim(&ops[2], &web).await?, Admission::Granted, "a place in the queue goes too");
    Ok(())
}

pub(super) async fn a_claim_outlives_its_lease(store: Arc<dyn Store>) -> Case {
    let ops = operations(&*store, 2).await?;
    let web = claim("dev", &["web"]);
    store.claim(&ops[0], &web).await?;
    store.release(&ops[0]).await?;
    assert_eq!(store.claim(&ops[1], &web).await?, behind(&[&ops[0]]), "another worker goes on with it");
    let taken = store.lease(ops[0].op, &holder("w2"), at(1), at(60)).await?.expect("it was given back");
    assert_eq!(store.claim(&taken, &web).await?, Admission::Granted);
    Ok(())
}

/// Asks and gives back at random, and looks after each answer whether what is held can be held at once.
pub(super) async fn whatever_is_asked_nothing_clashes_and_all_get_through(store: Arc<dyn Store>) -> Case {
    let components = ["web", "db", "network"];
    for seed in 0..3 {
        let mut dice = Dice::new(seed);
        let mut asked: BTreeMap<OpId, (Lease, Claim)> = BTreeMap::new();
        let mut held: BTreeSet<OpId> = BTreeSet::new();
        let mut ops = vec![];
        for number in 0..5 {
            ops.push(leased(&*store, &format!("walk-{seed}-{number}"), "dev").await?);
        }
        for _ in 0..30 {
            let lease = &ops[usize::try_from(dice.below(5)).expect("five")];
            if dice.percent(25) {
                store.unclaim(lease).await?;
                asked.remove(&lease.op);
                held.remove(&lease.op);
                continue;
            }
            let named: Vec<&str> = components.into_iter().filter(|_| dice.percent(40)).collect();
            asked.insert(lease.op, (lease.clone(), claim("dev", &named)));
            look(&*store, lease.op, &asked, &mut held).await?;
        }
        // Whoever holds gives back; then the next one holds, until nobody is left.
        while !asked.is_empty() {
            for op in asked.keys().copied().collect::<Vec<_>>() {
                look(&*store, op, &asked, &mut held).await?;
            }
            assert!(!held.is_empty(), "with the seed {seed} they wait for each other: {asked:?}");
            for op in std::mem::take(&mut held) {
                store.unclaim(&asked.remove(&op).expect("it asked").0).await?;
            }
        }
    }
    Ok(())
}

async fn look(store: &dyn Store, op: OpId, asked: &BTreeMap<OpId, (Lease, Claim)>, held: &mut BTreeSet<OpId>) -> Case {
    let (lease, wanted) = &asked[&op];
    match store.claim(lease, wanted).await? {
        Admission::Granted => {
            held.insert(op);
            let clash = held.iter().find(|other| **other != op && asked[other].1.conflicts(wanted));
            assert_eq!(clash, None, "{op} was granted {wanted:?}");
        }
        Admission::Queued { ahead } => {
            held.remove(&op);
            assert!(!ahead.is_empty(), "{op} waits for nobody");
            let ours = |other: &OpId| *other != op && asked[other].1.conflicts(wanted);
            assert!(ahead.iter().all(ours), "{op} waits for {ahead:?} to get {wanted:?}");
        }
    }
    Ok(())
}
