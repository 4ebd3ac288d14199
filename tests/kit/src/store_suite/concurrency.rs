//! Many callers at once: exactly one of them wins, and a caller that stops waiting spoils nothing.

use super::Case;
use super::samples::{at, claim, delivery, holder, leased, proposal, propose, work};
use futures::FutureExt as _;
use futures::future::join_all;
use gantry_engine::ports::{Accepted, Admission, OpFilter, Proposed, Store, StoreError};
use std::future::Future;
use std::sync::Arc;

/// So many callers at once, as the port's promise of group commits is tested with.
const CALLERS: usize = 64;

async fn at_once<T, F>(count: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(call(number))).collect();
    join_all(tasks).await.into_iter().map(|done| done.expect("no caller panics")).collect()
}

pub(super) async fn repeats_at_once_are_stored_once(store: Arc<dyn Store>) -> Case {
    let callers = at_once(CALLERS, |caller| {
        let store = Arc::clone(&store);
        async move {
            let mut new = 0;
            // 64 callers bring 1,024 deliveries; there are 16 different ones.
            for number in 0..16 {
                let id = format!("d{}", (caller + number) % 16);
                new += usize::from(store.accept(delivery(&id, 1)).await? == Accepted::New);
            }
            Ok::<_, StoreError>(new)
        }
    });
    let new: Vec<usize> = callers.await.into_iter().collect::<Result<_, _>>()?;
    assert_eq!(new.iter().sum::<usize>(), 16);
    assert_eq!(store.unhandled(100).await?.len(), 16);
    Ok(())
}

pub(super) async fn proposals_at_once_make_one_operation(store: Arc<dyn Store>) -> Case {
    let made = at_once(CALLERS, |_| {
        let store = Arc::clone(&store);
        async move { store.propose(proposal("d1", "dev")).await }
    });
    let made = made.await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let new = made.iter().filter(|made| matches!(made, Proposed::New(_))).count();
    assert_eq!(new, 1);
    assert_eq!(store.operations(&OpFilter::default()).await?.len(), 1);
    Ok(())
}

pub(super) async fn one_of_many_workers_gets_the_lease(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    for round in 0..5 {
        let leases = at_once(CALLERS, |worker| {
            let store = Arc::clone(&store);
            let holder = holder(&format!("w{round}-{worker}"));
            async move { store.lease(op, &holder, at(round * 10), at(round * 10 + 10)).await }
        });
        let leases = leases.await.into_iter().collect::<Result<Vec<_>, _>>()?;
        assert_eq!(leases.iter().flatten().count(), 1, "round {round}");
    }
    Ok(())
}

pub(super) async fn one_of_many_appends_wins(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    for after in 1..=5 {
        let results = at_once(CALLERS, |caller| {
            let (store, commit) = (Arc::clone(&store), work(&lease, after, &caller.to_string()));
            async move { store.append(commit).await }
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.await.into_iter().partition(Result::is_ok);
        assert_eq!(won, [Ok(after + 1)]);
        let moved = Err(StoreError::Moved { op: lease.op, seq: after + 1 });
        assert!(lost.iter().all(|lost| *lost == moved), "{lost:?}");
    }
    assert_eq!(store.history(lease.op, 0).await?.len(), 6);
    Ok(())
}

pub(super) async fn a_claim_is_granted_to_one(store: Arc<dyn Store>) -> Case {
    let mut leases = vec![];
    for number in 0..16 {
        leases.push(leased(&*store, &format!("d{number}"), "dev").await?);
    }
    let answers = at_once(leases.len(), |number| {
        let (store, lease) = (Arc::clone(&store), leases[number].clone());
        async move { store.claim(&lease, &claim("dev", &["web"])).await }
    });
    let mut ahead = vec![];
    for answer in answers.await {
        ahead.push(match answer? {
            Admission::Granted => 0,
            Admission::Queued { ahead } => ahead.len(),
        });
    }
    ahead.sort_unstable();
    assert_eq!(ahead, (0..16).collect::<Vec<_>>(), "one holds it, the others stand in one line");
    Ok(())
}

pub(super) async fn a_caller_that_gives_up_spoils_nothing(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    for number in 0..32 {
        // Asked once and dropped: it may have happened or not, but wholly.
        let given_up = store.propose(proposal(&format!("given-up-{number}"), "dev")).now_or_never();
        drop(given_up);
        assert_eq!(store.append(work(&lease, number + 1, "goes on")).await?, number + 2);
    }
    for op in store.operations(&OpFilter::default()).await? {
        assert_eq!(store.history(op.id, 0).await?.len() as u64, op.seq);
    }
    Ok(())
}
