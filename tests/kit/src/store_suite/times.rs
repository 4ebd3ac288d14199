//! Schedules, and warnings that stand.

use super::Case;
use super::samples::{at, click, draft, key, proposal, propose, schedule};
use gantry_engine::expiry::Warned;
use gantry_engine::names::{DeliveryId, UserId};
use gantry_engine::ports::{Effect, PostKey, Store, Told};
use gantry_engine::schedule::{Run, RunOutcome, Schedule, ScheduleId, ScheduleState};
use jiff::SignedDuration;
use std::sync::Arc;

fn warned(env: &str, minutes: i64) -> Warned {
    let distance = SignedDuration::from_mins(minutes);
    Warned { key: key(env), incarnation: 1, end: at(7_200), distance, left: distance }
}

pub(super) async fn a_delivery_makes_one_schedule(store: Arc<dyn Store>) -> Case {
    let first = store.add_schedule(schedule(), &DeliveryId::new("d1")).await?;
    assert_eq!(first, Schedule { id: ScheduleId(1), version: 1, ..schedule() });
    let other = Schedule { words: "status".to_owned(), ..schedule() };
    assert_eq!(store.add_schedule(other.clone(), &DeliveryId::new("d1")).await?, first, "a repeat");
    assert_eq!(store.add_schedule(other, &DeliveryId::new("d2")).await?.id, ScheduleId(2));
    assert_eq!(store.schedule(ScheduleId(1)).await?, Some(first));
    assert_eq!(store.schedule(ScheduleId(3)).await?, None);
    Ok(())
}

pub(super) async fn a_schedule_is_changed_where_it_was_read(store: Arc<dyn Store>) -> Case {
    let first = store.add_schedule(schedule(), &DeliveryId::new("d1")).await?;
    let run = Run { due: at(60), outcome: RunOutcome::Said };
    let second = first.clone().decided(at(60), run);
    assert!(store.change_schedule(second.clone(), vec![draft("said", "it ran")].into()).await?);
    let stored = Schedule { version: 2, ..second };
    assert_eq!(store.schedule(first.id).await?.as_ref(), Some(&stored));
    let late = Schedule { state: ScheduleState::Stopped, ..first };
    assert!(!store.change_schedule(late, vec![draft("late", "it stopped")].into()).await?, "it has moved on");
    assert_eq!(store.schedule(stored.id).await?, Some(stored));
    let unsent: Vec<String> = store.unsent(9).await?.into_iter().map(|post| post.draft.key.0).collect();
    assert_eq!(unsent, ["said"], "nothing is said of a change that wasn't made");
    Ok(())
}

pub(super) async fn only_schedules_that_stand_are_listed(store: Arc<dyn Store>) -> Case {
    for (delivery, state) in [
        ("d1", ScheduleState::Active),
        ("d2", ScheduleState::Removed { by: UserId::new("U1") }),
        ("d3", ScheduleState::Paused { by: UserId::new("U1") }),
        ("d4", ScheduleState::Stopped),
        ("d5", ScheduleState::Active),
    ] {
        store.add_schedule(Schedule { state, ..schedule() }, &DeliveryId::new(delivery)).await?;
    }
    let fifth = store.schedule(ScheduleId(5)).await?.expect("it is there");
    store.change_schedule(Schedule { state: ScheduleState::Over, ..fifth }, Told::default()).await?;
    let listed: Vec<u64> = store.schedules().await?.into_iter().map(|schedule| schedule.id.0).collect();
    assert_eq!(listed, [1, 3, 4]);
    assert!(store.schedule(ScheduleId(2)).await?.is_some(), "what was removed can still be looked at");
    Ok(())
}

pub(super) async fn one_of_two_changes_at_once_is_made(store: Arc<dyn Store>) -> Case {
    let first = store.add_schedule(schedule(), &DeliveryId::new("d1")).await?;
    let change = |state| store.change_schedule(Schedule { state, ..first.clone() }, Told::default());
    let (one, other) =
        tokio::join!(change(ScheduleState::Stopped), change(ScheduleState::Paused { by: UserId::new("U1") }));
    assert_eq!(u8::from(one?) + u8::from(other?), 1);
    Ok(())
}

pub(super) async fn an_environment_has_one_warning_that_stands(store: Arc<dyn Store>) -> Case {
    assert_eq!(store.warned().await?, []);
    store.warn(&key("prod"), Some(warned("prod", 60)), vec![draft("w1", "an hour")]).await?;
    store.warn(&key("dev"), Some(warned("dev", 60)), Vec::new()).await?;
    assert_eq!(store.warned().await?, [warned("dev", 60), warned("prod", 60)], "by environment");
    let posts = vec![draft("w1", "void"), draft("w2", "a quarter")];
    store.warn(&key("prod"), Some(warned("prod", 15)), posts).await?;
    store.warn(&key("dev"), None, Vec::new()).await?;
    store.warn(&key("dev"), None, Vec::new()).await?;
    assert_eq!(store.warned().await?, [warned("prod", 15)]);
    let first = store.post(&PostKey("w1".to_owned())).await?.expect("it is there");
    assert_eq!((first.draft.body.as_str(), first.version), ("void", 2), "the older message is edited");
    assert!(store.post(&PostKey("w2".to_owned())).await?.is_some());
    Ok(())
}

pub(super) async fn a_delivery_leads_to_its_operation(store: Arc<dyn Store>) -> Case {
    propose(&*store, "d1", "dev").await?;
    let second = propose(&*store, "d2", "dev").await?;
    assert_eq!(store.operation_of(&proposal("d2", "dev").delivery).await?, Some(second));
    assert_eq!(store.operation_of(&DeliveryId::new("d3")).await?, None);
    let effect = async |delivery: &str| store.effect_of(&DeliveryId::new(delivery)).await;
    assert_eq!(effect(proposal("d2", "dev").delivery.as_str()).await?, Some(Effect::Made(second)));
    assert_eq!(effect("d4").await?, None);
    store.append(click(second, "d4", 1)).await?;
    assert_eq!(effect("d4").await?, Some(Effect::Wrote(second)));
    Ok(())
}
