//! What is forgotten after a while, and what never is.

use super::Case;
use super::samples::{at, click, draft, propose, ts};
use gantry_engine::audit::{Broken, Chain, Trail};
use gantry_engine::names::DeliveryId;
use gantry_engine::ports::{
    Accepted, Anchor, Delivery, Effect, Horizon, Keeping, LogFilter, PostKey, Pruned, Store, StoreError, Told,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// So much at once is more than there is.
const ALL: usize = 1_000;

fn horizon(now: i64, before: i64) -> Horizon {
    Horizon { now: at(now), deliveries: at(before), messages: at(before), audit: Some(at(before)) }
}

fn delivery(id: &str, second: i64) -> Delivery {
    Delivery { id: DeliveryId::new(id), kind: "command".to_owned(), body: "{}".to_owned(), at: at(second) }
}

pub(super) async fn what_was_handled_is_forgotten_once_it_cant_come_again(store: Arc<dyn Store>) -> Case {
    for (id, second) in [("d1", 10), ("d2", 20), ("d3", 30), ("d4", 40)] {
        store.accept(delivery(id, second)).await?;
    }
    for id in ["d1", "d3", "d4"] {
        store.handled(&DeliveryId::new(id), Told::default()).await?;
    }
    let op = propose(&*store, "asked", "dev").await?;
    store.append(click(op, "d1", 1)).await?;
    assert_eq!(store.prune(&horizon(100, 40), 1).await?.deliveries, 1, "no more than was said");
    assert_eq!(store.prune(&horizon(100, 40), ALL).await?.deliveries, 1, "d3; d4 is too young");
    assert_eq!(store.prune(&horizon(100, 40), ALL).await?.deliveries, 0);
    let waiting: Vec<String> = store.unhandled(9).await?.into_iter().map(|delivery| delivery.id.to_string()).collect();
    assert_eq!(waiting, ["d2"], "nobody has handled it");
    assert_eq!(store.accept(delivery("d4", 41)).await?, Accepted::Duplicate);
    assert_eq!(
        store.effect_of(&DeliveryId::new("d1")).await?,
        Some(Effect::Wrote(op)),
        "what it did is never forgotten"
    );
    assert_eq!(store.history(op, 0).await?.len(), 2);

    // However short they are to be kept, it isn't shorter than they may come again.
    let hasty = Keeping { deliveries: SignedDuration::ZERO, ..Keeping::default() };
    assert_eq!(hasty.horizon(Timestamp::UNIX_EPOCH).deliveries, Timestamp::UNIX_EPOCH - SignedDuration::from_hours(48));
    Ok(())
}

pub(super) async fn the_words_of_what_was_sent_are_forgotten_and_its_place_is_not(store: Arc<dyn Store>) -> Case {
    let key = |key: &str| PostKey(key.to_owned());
    for (name, body) in [("sent", "hello"), ("waits", "not yet")] {
        store.post_once(draft(name, body)).await?;
    }
    store.sent(&key("sent"), 1, Some(&ts(7))).await?;
    assert_eq!(store.prune(&horizon(100, 50), ALL).await?.messages, 0, "it was seen to be sent just now");
    assert_eq!(store.prune(&horizon(100, 100), ALL).await?.messages, 0);
    assert_eq!(store.prune(&horizon(200, 101), ALL).await?.messages, 1);
    assert_eq!(store.prune(&horizon(200, 101), ALL).await?.messages, 0);
    let sent = store.post(&key("sent")).await?.expect("it is there");
    assert_eq!((sent.draft.body.as_str(), sent.ts), ("", Some(ts(7))));
    assert!(!store.post_once(draft("sent", "hello")).await?, "it isn't said again");
    let unsent: Vec<String> = store.unsent(9).await?.into_iter().map(|post| post.draft.body).collect();
    assert_eq!(unsent, ["not yet"]);
    Ok(())
}

async fn followed(store: &dyn Store) -> Result<Result<Chain, Broken>, StoreError> {
    let mut trail = Trail::after(store.anchor().await?.map(|anchor| anchor.last));
    let lines = store.audited(&LogFilter::default()).await?;
    let all = lines.iter().try_for_each(|line| trail.follow(line)).and_then(|()| trail.end());
    Ok(all.map(|()| trail.chain))
}

pub(super) async fn the_log_is_pruned_up_to_an_anchor(store: Arc<dyn Store>) -> Case {
    let op = propose(&*store, "asked", "dev").await?;
    for after in 1..6 {
        store.append(click(op, &format!("click-{after}"), after)).await?;
    }
    let whole = store.audited(&LogFilter::default()).await?;
    let for_ever = Horizon { audit: None, ..horizon(100, 100) };
    assert_eq!(store.prune(&for_ever, ALL).await?, Pruned::default());
    assert_eq!(store.prune(&horizon(100, 100), 4).await?.lines, 4, "the oldest ones");
    let last = Chain { seq: 4, digest: whole[3].digest.clone() };
    assert_eq!(store.anchor().await?, Some(Anchor { last, at: at(100) }));
    let rest = store.audited(&LogFilter::default()).await?;
    assert_eq!(rest.iter().map(|line| line.seq).collect::<Vec<_>>(), [5, 6, 7]);
    assert_eq!(rest[..2], whole[4..], "the rest is as it was");
    assert_eq!(followed(&*store).await?.map(|chain| chain.seq), Ok(7));
    // Again, and the log says so again.
    assert_eq!(store.prune(&horizon(300, 200), ALL).await?.lines, 3);
    assert_eq!(followed(&*store).await?.map(|chain| chain.seq), Ok(8));
    assert_eq!(store.history(op, 0).await?.len(), 6, "journals stay");
    Ok(())
}
