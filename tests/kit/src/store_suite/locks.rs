//! Locks: held once, changed where they were read, and all that happened is kept.

use super::Case;
use super::samples::{at, key, service};
use gantry_engine::change::Actor;
use gantry_engine::lock::{Lock, LockChange, LockEvent, LockWhat, Target};
use gantry_engine::names::{ChannelId, DeliveryId, UserId};
use gantry_engine::ports::{LockChanged, Store, Thread};
use std::sync::Arc;

fn target(env: &str, named: Option<&str>) -> Target {
    Target { key: key(env), service: named.map(service) }
}

fn lock(env: &str, named: Option<&str>, by: &str, until: i64) -> Lock {
    Lock {
        target: target(env, named),
        by: UserId::new(by),
        because: "a demo <at> five & more".to_owned(),
        since: at(1),
        until: at(until),
        channel: ChannelId::new("C1"),
        thread: Thread::None,
        after: None,
    }
}

fn change(from: Option<&Lock>, to: Option<&Lock>, delivery: &str) -> LockChange {
    let target = to.or(from).map(|lock| lock.target.clone()).expect("a lock");
    let what = if to.is_some() { LockWhat::Taken } else { LockWhat::Released };
    let (until, by) = (to.map(|lock| lock.until), Actor::User(UserId::new("U1")));
    let event = LockEvent {
        target,
        what,
        by,
        because: None,
        at: at(1),
        until,
        delivery: DeliveryId::new(delivery),
        channel: ChannelId::new("C1"),
        thread: Thread::None,
    };
    LockChange { from: from.cloned(), to: to.cloned(), event }
}

fn told(events: &[LockEvent]) -> Vec<&str> {
    events.iter().map(|event| event.delivery.as_str()).collect()
}

pub(super) async fn a_lock_is_changed_where_it_was_read(store: Arc<dyn Store>) -> Case {
    assert_eq!(store.locks().await?, []);
    let (mine, theirs) = (lock("dev", Some("web"), "U1", 9), lock("dev", Some("web"), "U2", 9));
    assert_eq!(store.change_lock(change(None, Some(&mine), "d1")).await?, LockChanged::Done);
    assert_eq!(store.locks().await?, std::slice::from_ref(&mine));
    assert_eq!(store.change_lock(change(None, Some(&theirs), "d2")).await?, LockChanged::Moved);
    assert_eq!(store.change_lock(change(Some(&theirs), None, "d3")).await?, LockChanged::Moved);
    assert_eq!(store.locks().await?, std::slice::from_ref(&mine), "whoever read something else changed nothing");
    assert_eq!(
        store.change_lock(change(Some(&mine), Some(&theirs), "d2")).await?,
        LockChanged::Done,
        "d2 had no effect"
    );
    assert_eq!(store.change_lock(change(Some(&theirs), None, "d4")).await?, LockChanged::Done);
    assert_eq!(store.locks().await?, []);
    assert_eq!(told(&store.lock_events(None, 9).await?), ["d4", "d2", "d1"], "the newest first");
    Ok(())
}

pub(super) async fn a_delivery_changes_a_lock_once(store: Arc<dyn Store>) -> Case {
    let mine = lock("dev", None, "U1", 9);
    assert_eq!(store.change_lock(change(None, Some(&mine), "d1")).await?, LockChanged::Done);
    assert_eq!(store.change_lock(change(Some(&mine), None, "d2")).await?, LockChanged::Done);
    assert_eq!(store.change_lock(change(None, Some(&mine), "d1")).await?, LockChanged::Repeated);
    assert_eq!(store.locks().await?, [], "what came twice doesn't lock again");
    assert_eq!(store.lock_events(None, 9).await?.len(), 2);
    Ok(())
}

pub(super) async fn locks_are_listed_by_name_and_events_by_environment(store: Arc<dyn Store>) -> Case {
    let all = [lock("dev", None, "U1", 9), lock("dev", Some("api"), "U1", 9), lock("prod", None, "U2", 9)];
    for (number, lock) in all.iter().enumerate().rev() {
        let made = store.change_lock(change(None, Some(lock), &format!("d{number}"))).await?;
        assert_eq!(made, LockChanged::Done, "an environment and its services are locked apart");
    }
    assert_eq!(store.locks().await?, all);
    assert_eq!(told(&store.lock_events(Some(&key("dev")), 9).await?), ["d0", "d1"]);
    assert_eq!(told(&store.lock_events(Some(&key("dev")), 1).await?), ["d0"]);
    assert_eq!(told(&store.lock_events(None, 2).await?), ["d0", "d1"]);
    Ok(())
}
