//! Operations and their journals: proposed once, appended to in order, found again.

use super::Case;
use super::samples::{at, click, draft, entry, key, leased, proposal, propose, service, ts, work};
use gantry_engine::change::Place;
use gantry_engine::journal::{Stamped, State};
use gantry_engine::names::{ChannelId, DeliveryId, OpId};
use gantry_engine::ports::{
    Commit, Lease, NewOperation, OpFilter, OpRecord, PostDraft, PostKey, Proposed, Report, Store, StoreError,
};
use std::sync::Arc;

pub(super) async fn a_delivery_proposes_once(store: Arc<dyn Store>) -> Case {
    let Proposed::New(id) = store.propose(proposal("d1", "dev")).await? else { panic!("d1 is new") };
    assert_eq!(store.propose(proposal("d1", "prod")).await?, Proposed::Already(id));
    assert!(matches!(store.propose(proposal("d2", "dev")).await?, Proposed::New(other) if other != id));
    assert_eq!(store.operations(&OpFilter::default()).await?.len(), 2);
    assert_eq!(store.operation(id).await?.map(|op| op.key), Some(key("dev")), "the repeat left nothing");
    Ok(())
}

pub(super) async fn numbers_count_up(store: Arc<dyn Store>) -> Case {
    let mut before = OpId(0);
    for delivery in ["d1", "d2", "d1", "d3"] {
        let Proposed::New(id) = store.propose(proposal(delivery, "dev")).await? else { continue };
        assert!(id > before, "{id} after {before}");
        before = id;
    }
    Ok(())
}

pub(super) async fn an_operation_reads_back(store: Arc<dyn Store>) -> Case {
    let place = Place { channel: ChannelId::new("C7"), thread: Some(ts(7)) };
    let services = [service("db"), service("web-2")].into();
    let new = NewOperation { place, services, state: State::Voting, at: at(5), ..proposal("d1", "dev") };
    let Proposed::New(id) = store.propose(new.clone()).await? else { panic!("d1 is new") };
    let NewOperation { first, key, services, place, state, at, .. } = new;
    let record = OpRecord { id, key, services, place, state, seq: 1, reported: 0, at };
    assert_eq!(store.operation(id).await?, Some(record));
    assert_eq!(store.history(id, 0).await?, [Stamped { seq: 1, at, entry: first }]);
    assert_eq!(store.operation(OpId(id.0 + 1)).await?, None);
    Ok(())
}

pub(super) async fn history_is_in_order_and_can_start_late(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let many = Commit { entries: (2..=12).map(|n| entry(&n.to_string())).collect(), ..work(&lease, 1, "") };
    assert_eq!(store.append(many).await?, 12);
    assert_eq!(store.append(work(&lease, 12, "13")).await?, 13);
    let all = store.history(lease.op, 0).await?;
    assert_eq!(all.iter().map(|e| e.seq).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
    let late = store.history(lease.op, 11).await?;
    let expected = [(12, "12"), (13, "13")].map(|(seq, text)| Stamped { seq, at: at(1), entry: entry(text) });
    assert_eq!(late, expected);
    assert_eq!(store.history(lease.op, 13).await?, []);

    let quiet = Commit { entries: vec![], state: State::Parked, ..work(&lease, 13, "") };
    assert_eq!(store.append(quiet).await?, 13, "no entries, no new number");
    let state = store.operation(lease.op).await?.map(|op| (op.state, op.seq));
    assert_eq!(state, Some((State::Parked, 13)));
    Ok(())
}

pub(super) async fn append_is_refused_where_the_journal_moved_on(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    store.append(work(&lease, 1, "two")).await?;
    for after in [0, 1, 3] {
        let refused = store.append(work(&lease, after, "no")).await;
        assert_eq!(refused, Err(StoreError::Moved { op: lease.op, seq: 2 }), "after {after}");
    }
    assert_eq!(store.history(lease.op, 0).await?.len(), 2);
    Ok(())
}

pub(super) async fn a_delivery_writes_once(store: Arc<dyn Store>) -> Case {
    let first = propose(&*store, "d1", "dev").await?;
    let second = propose(&*store, "d2", "dev").await?;
    assert_eq!(store.append(click(first, "c1", 1)).await?, 2);
    let repeated = Err(StoreError::Repeated(DeliveryId::new("c1")));
    for (op, after) in [(first, 1), (first, 2), (second, 1)] {
        assert_eq!(store.append(click(op, "c1", after)).await, repeated, "{op} after {after}");
    }
    assert_eq!(store.history(first, 0).await?.len(), 2);
    assert_eq!(store.append(click(first, "c2", 2)).await?, 3);
    Ok(())
}

pub(super) async fn a_refused_delivery_may_write_later(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "d1", "dev").await?;
    assert_eq!(store.append(click(op, "c1", 7)).await, Err(StoreError::Moved { op, seq: 1 }));
    assert_eq!(store.append(click(op, "c1", 1)).await?, 2, "the refusal left nothing");
    Ok(())
}

pub(super) async fn no_such_operation(store: Arc<dyn Store>) -> Case {
    let op = OpId(404);
    let none = StoreError::NoSuchOperation(op);
    let lease = Lease { op, holder: super::samples::holder("w1"), epoch: 1 };
    assert_eq!(store.append(work(&lease, 0, "")).await, Err(none.clone()));
    assert_eq!(store.append(click(op, "c1", 0)).await, Err(none.clone()));
    assert_eq!(store.lease(op, &lease.holder, at(0), at(1)).await, Err(none.clone()));
    assert_eq!(store.history(op, 0).await, Err(none.clone()));
    assert_eq!(store.history(op, 5).await, Err(none.clone()));
    assert_eq!(store.report(Report { op, upto: 1, posts: vec![draft("p", "b")] }).await, Err(none));
    assert_eq!(store.unsent(10).await?, [], "a refused report left nothing");
    Ok(())
}

pub(super) async fn lists_are_newest_first_and_filtered(store: Arc<dyn Store>) -> Case {
    let mut ops = vec![];
    for (delivery, env, name) in
        [("d1", "dev", "web"), ("d2", "prod", "web"), ("d3", "dev", "web-2"), ("d4", "dev", "web")]
    {
        let new = NewOperation { services: [service(name)].into(), ..proposal(delivery, env) };
        let (Proposed::New(id) | Proposed::Already(id)) = store.propose(new).await?;
        ops.push(id);
    }
    let closing = Commit { state: State::Cancelled, ..click(ops[0], "c1", 1) };
    store.append(closing).await?;

    let all = OpFilter::default();
    let dev = OpFilter { key: Some(key("dev")), ..all.clone() };
    let web = OpFilter { service: Some(service("web")), ..dev.clone() };
    let cases = [
        (all.clone(), vec![3, 2, 1, 0]),
        (dev.clone(), vec![3, 2, 0]),
        (web.clone(), vec![3, 0]),
        (OpFilter { open: true, ..all.clone() }, vec![3, 2, 1]),
        (OpFilter { open: true, ..web }, vec![3]),
        (OpFilter { limit: 2, ..all }, vec![3, 2]),
        (OpFilter { limit: 9, ..dev }, vec![3, 2, 0]),
        (OpFilter { key: Some(key("none")), ..OpFilter::default() }, vec![]),
    ];
    for (filter, expected) in cases {
        let found: Vec<_> = store.operations(&filter).await?.into_iter().map(|op| op.id).collect();
        assert_eq!(found, expected.into_iter().map(|i: usize| ops[i]).collect::<Vec<_>>(), "{filter:?}");
    }
    Ok(())
}

pub(super) async fn threads_lead_to_their_newest_operation(store: Arc<dyn Store>) -> Case {
    let here = ChannelId::new("C1");
    let in_thread = |delivery: &str| NewOperation {
        place: Place { channel: here.clone(), thread: Some(ts(5)) },
        ..proposal(delivery, "dev")
    };
    assert_eq!(store.operation_in_thread(&here, &ts(5)).await?, None);
    let card = propose(&*store, "d1", "dev").await?;
    let posts = vec![draft(&PostKey::card(card).0, "card"), draft("other", "a milestone")];
    store.report(Report { op: card, upto: 1, posts }).await?;
    assert_eq!(store.operation_in_thread(&here, &ts(1)).await?, None, "not sent yet");
    store.sent(&PostKey::card(card), 1, Some(&ts(1))).await?;
    store.sent(&PostKey("other".to_owned()), 1, Some(&ts(2))).await?;
    assert_eq!(store.operation_in_thread(&here, &ts(1)).await?, Some(card), "its card opened the thread");
    assert_eq!(store.operation_in_thread(&here, &ts(2)).await?, None, "only a card opens a thread");
    assert_eq!(store.operation_in_thread(&ChannelId::new("C2"), &ts(1)).await?, None);

    store.propose(in_thread("d2")).await?;
    let (Proposed::New(newest) | Proposed::Already(newest)) = store.propose(in_thread("d3")).await?;
    assert_eq!(store.operation_in_thread(&here, &ts(5)).await?, Some(newest));

    let under_card =
        NewOperation { place: Place { channel: here.clone(), thread: Some(ts(1)) }, ..proposal("d4", "dev") };
    let (Proposed::New(follow) | Proposed::Already(follow)) = store.propose(under_card).await?;
    assert_eq!(store.operation_in_thread(&here, &ts(1)).await?, Some(follow));
    let elsewhere = PostDraft { channel: ChannelId::new("C9"), ..draft("op-1x/card", "no card") };
    store.post_once(elsewhere.clone()).await?;
    store.sent(&elsewhere.key, 1, Some(&ts(9))).await?;
    assert_eq!(store.operation_in_thread(&elsewhere.channel, &ts(9)).await?, None);
    Ok(())
}
