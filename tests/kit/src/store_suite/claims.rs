//! Claims: what conflicts is held by one, in the order of asking.

use super::Case;
use super::samples::{at, claim, click, holder, leased, work};
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::ports::{Admission, Commit, Lease, Store, StoreError};
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
