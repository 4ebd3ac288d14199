//! The audit log: what journals and records bring, each line on the one before.

use super::Case;
use super::samples::{at, click, entry, environment, key, leased, propose, schedule, work};
use gantry_engine::audit::{Chain, Event, Line, Moved, What};
use gantry_engine::change::Actor;
use gantry_engine::journal::{Entry, Outcome, State};
use gantry_engine::names::{DeliveryId, Digest, OpId, UserId};
use gantry_engine::ports::{Commit, Delivery, LogFilter, RecordChange, Revision, Store, Told};
use std::sync::Arc;

fn refused(env: &str) -> Event {
    let by = Some(Actor::User(UserId::new("U9")));
    Event {
        at: at(3),
        by,
        key: Some(key(env)),
        op: None,
        because: None,
        what: What::Refused { verb: "deploy".to_owned() },
    }
}

async fn log(store: &dyn Store) -> Result<Vec<Line>, gantry_engine::ports::StoreError> {
    store.audited(&LogFilter::default()).await
}

fn events(lines: &[Line]) -> Vec<Event> {
    lines.iter().map(|line| serde_json::from_str(&line.body).expect("a line is an event")).collect()
}

/// What happened, in one word each.
fn kinds(lines: &[Line]) -> Vec<String> {
    let kind = |line: &Line| {
        let body: serde_json::Value = serde_json::from_str(&line.body).expect("a line is JSON");
        body["what"].as_str().expect("it says what").to_owned()
    };
    lines.iter().map(kind).collect()
}

pub(super) async fn what_happens_is_chained_in_order(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let born = Some(RecordChange { from: None, to: environment("dev", 1, 1) });
    store.append(Commit { record: born, ..work(&lease, 1, "once more") }).await?;
    store.audit(refused("dev")).await?;
    let end = Entry::Closed(Outcome::Succeeded { outputs: Default::default() });
    store.append(Commit { entries: vec![end], state: State::Succeeded, ..work(&lease, 2, "") }).await?;
    let lines = log(&*store).await?;
    assert_eq!(kinds(&lines), ["asked", "retried", "changed", "refused", "ended"]);
    let mut chain = Chain::default();
    lines.iter().for_each(|line| chain.follow(line).expect("each follows the one before"));
    let events = events(&lines);
    assert_eq!((events[1].because.as_deref(), events[1].op), (Some("once more"), Some(lease.op)));
    assert_eq!(events[3], refused("dev"));
    Ok(())
}

pub(super) async fn what_became_of_a_record_comes_before_the_end(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let born = environment("dev", 1, 1);
    store.append(Commit { record: Some(RecordChange { from: None, to: born.clone() }), ..work(&lease, 1, "") }).await?;
    let later = gantry_engine::environment::Environment { version: 2, expiry: Some(at(60)), ..born };
    let end = Entry::Closed(Outcome::Succeeded { outputs: Default::default() });
    let record = Some(RecordChange { from: Some((1, 1)), to: later });
    let closing = Commit { entries: vec![end], state: State::Succeeded, record, ..work(&lease, 2, "") };
    store.append(closing).await?;
    let lines = log(&*store).await?;
    assert_eq!(kinds(&lines), ["asked", "retried", "changed", "changed", "ended"]);
    let from = environment("dev", 1, 1).expiry.map(|at| at.to_string());
    let moved = Moved { field: "expiry".to_owned(), from, to: Some(at(60).to_string()) };
    let What::Changed { moved: told } = &events(&lines)[3].what else { panic!("{lines:?}") };
    assert_eq!(told, &[moved], "only what is another one");
    Ok(())
}

pub(super) async fn what_is_refused_leaves_no_line(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    store.append(click(lease.op, "c1", 1)).await?;
    let before = log(&*store).await?;
    assert!(store.append(click(lease.op, "c1", 2)).await.is_err(), "a repeat");
    assert!(store.append(work(&lease, 1, "late")).await.is_err(), "it moved on");
    let wrong = Some(RecordChange { from: Some((7, 7)), to: environment("dev", 7, 8) });
    assert!(store.append(Commit { record: wrong, ..work(&lease, 2, "") }).await.is_err());
    propose(&*store, "d1", "dev").await?;
    assert_eq!(log(&*store).await?, before);
    Ok(())
}

pub(super) async fn steps_are_no_events(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    let steps = vec![Entry::Queued { ahead: vec![OpId(9)] }, Entry::Resumed { steps: vec![] }];
    store.append(Commit { entries: steps, ..work(&lease, 1, "") }).await?;
    assert_eq!(kinds(&log(&*store).await?), ["asked"]);
    Ok(())
}

pub(super) async fn lines_are_found_by_operation_and_number(store: Arc<dyn Store>) -> Case {
    let first = leased(&*store, "d1", "dev").await?;
    let second = leased(&*store, "d2", "prod").await?;
    store.audit(refused("dev")).await?;
    store.append(work(&first, 1, "")).await?;
    store.append(work(&second, 1, "")).await?;
    let numbers = async |filter: LogFilter| {
        let lines = store.audited(&filter).await?;
        Ok::<Vec<u64>, gantry_engine::ports::StoreError>(lines.iter().map(|line| line.seq).collect())
    };
    assert_eq!(numbers(LogFilter { op: Some(first.op), ..LogFilter::default() }).await?, [1, 4]);
    assert_eq!(numbers(LogFilter { op: Some(second.op), after: 2, ..LogFilter::default() }).await?, [5]);
    assert_eq!(numbers(LogFilter { after: 1, limit: 2, ..LogFilter::default() }).await?, [2, 3]);
    Ok(())
}

pub(super) async fn another_life_begins_with_nothing(store: Arc<dyn Store>) -> Case {
    let lease = leased(&*store, "d1", "dev").await?;
    for (after, (from, to)) in (1..).zip([(None, (1, 1)), (Some((1, 1)), (2, 1))]) {
        let record = Some(RecordChange { from, to: environment("dev", to.0, to.1) });
        store.append(Commit { record, entries: vec![entry("")], ..work(&lease, after, "") }).await?;
    }
    let last = events(&log(&*store).await?).pop().expect("there are some");
    let What::Changed { moved } = last.what else { panic!("{last:?}") };
    assert!(!moved.is_empty() && moved.iter().all(|moved| moved.from.is_none()), "{moved:?}");
    Ok(())
}

pub(super) async fn what_comes_with_another_write_goes_with_it(store: Arc<dyn Store>) -> Case {
    let told = || Told { posts: Vec::new(), events: vec![refused("dev")] };
    let id = DeliveryId::new("d1");
    store.accept(Delivery { id: id.clone(), kind: "command".to_owned(), body: "{}".to_owned(), at: at(1) }).await?;
    store.handled(&id, told()).await?;
    store.handled(&id, told()).await?;
    assert_eq!(kinds(&log(&*store).await?), ["refused"], "it is handled once");

    let made = store.add_schedule(schedule(), &DeliveryId::new("d2")).await?;
    store.add_schedule(schedule(), &DeliveryId::new("d2")).await?;
    assert_eq!(kinds(&log(&*store).await?)[1..], ["schedule"], "it is made once");
    assert!(store.change_schedule(made.clone(), told()).await?);
    assert!(!store.change_schedule(made, told()).await?, "it has moved on");
    assert_eq!(kinds(&log(&*store).await?)[2..], ["refused"]);

    let revision = Revision { project: key("dev").project, digest: Digest::new("a"), text: String::new(), at: at(1) };
    store.keep_revision(revision.clone(), None).await?;
    store.keep_revision(revision, Some(refused("dev"))).await?;
    assert_eq!(kinds(&log(&*store).await?)[3..], ["refused"], "although the text was known");
    Ok(())
}

pub(super) async fn what_a_delivery_is_about_to_do_is_noted_once(store: Arc<dyn Store>) -> Case {
    let kill = |env: &str, target: &str| Event { what: What::Kill { target: target.to_owned() }, ..refused(env) };
    let (first, second, third) = (kill("dev", "a-1"), kill("pr-7", "b-1"), kill("dev", "a-2"));
    let intend = async |delivery: &str, env: &str, event: &Event| {
        store.intend(&DeliveryId::new(delivery), &key(env), event.clone()).await
    };
    assert!(intend("d1", "dev", &first).await?);
    assert!(!intend("d1", "dev", &first).await?, "it came before");
    assert!(intend("d2", "pr-7", &second).await?);
    assert!(intend("d3", "dev", &third).await?);
    assert_eq!(kinds(&log(&*store).await?), ["kill", "kill", "kill"]);
    assert_eq!(store.intents(Some(&key("dev")), 9).await?, [third.clone(), first.clone()]);
    assert_eq!(store.intents(None, 2).await?, [third, second]);
    Ok(())
}
