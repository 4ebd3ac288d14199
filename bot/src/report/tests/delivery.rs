//! Every message once, in its channel's order, with its newest content; whatever the workspace answers, and although the
//! deliverer is stopped at any point.

use super::journals::*;
use super::room::*;
use super::transcript::body;
use crate::message::{About, Body, MarkState};
use crate::report::Reporter;
use gantry_engine::change::Place;
use gantry_engine::journal::State;
use gantry_engine::names::{ChannelId, DeliveryId, UserId};
use gantry_engine::ports::{NewOperation, Platforms, Post, PostDraft, PostKey, Store, Thread};
use gantry_engine::project::Policy;
use gantry_testkit::dice::Dice;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Notify;

#[tokio::test]
async fn a_lost_answer_makes_no_second_message() {
    let bed = Bed::new(&[Fate::Lost]);
    bed.post("a", "C1", Thread::None, "one").await;
    bed.post("b", "C1", Thread::UnderPost(PostKey("a".into())), "two").await;
    bed.deliver().await;
    let messages = bed.chat.messages();
    assert_eq!(texts(&messages), ["one", "two"]);
    assert_eq!(messages[1].thread, Some(ts(0)), "the second is under the first");
    assert_eq!(bed.chat.calls().iter().map(|(_, call)| *call).collect::<Vec<_>>(), ["post", "edit", "post"]);
}

#[tokio::test]
async fn stopped_in_the_middle_of_a_call_it_goes_on() {
    let bed = Bed::new(&[Fate::Hangs]);
    bed.post("a", "C1", Thread::None, "one").await;
    bed.deliver_within(SignedDuration::from_secs(1)).await;
    assert_eq!(bed.store.unsent(1).await.unwrap().len(), 1, "nobody knows yet that it was sent");
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["one"]);
}

#[tokio::test]
async fn a_limit_is_waited_for_and_the_order_stays() {
    let bed = Bed::new(&[Fate::Fine, Fate::Limited(30)]);
    for key in ["1", "2", "3"] {
        bed.post(key, "C1", Thread::None, key).await;
    }
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["1", "2", "3"]);
    assert_eq!(bed.chat.calls(), [(0, "post"), (0, "post"), (30, "post"), (30, "post")]);
}

#[tokio::test]
async fn one_channel_s_trouble_is_not_another_s() {
    let bed = Bed::new(&[Fate::Limited(30)]);
    bed.post("a", "C1", Thread::None, "waits").await;
    bed.post("b", "C2", Thread::None, "goes").await;
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["goes", "waits"]);
}

#[tokio::test]
async fn what_can_never_be_sent_is_given_up_with_its_thread() {
    let bed = Bed::new(&[Fate::Gone]);
    bed.post("a", "C1", Thread::None, "one").await;
    bed.post("b", "C1", Thread::UnderPost(PostKey("a".into())), "two").await;
    bed.post("c", "C1", Thread::None, "three").await;
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["three"]);
}

#[tokio::test]
async fn what_fails_is_tried_later_and_later() {
    let bed = Bed::new(&[Fate::Refused; 8]);
    bed.post("a", "C1", Thread::None, "one").await;
    bed.deliver().await;
    let seconds: Vec<i64> = bed.chat.calls().iter().map(|(at, _)| *at).collect();
    assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
}

#[tokio::test]
async fn edits_keep_their_pace_and_the_newest_wins() {
    let bed = Bed::new(&[]);
    propose(&bed).await;
    let deliverer = bed.deliverer();
    for n in 0..100 {
        report(&bed, draft("card", "C1", Thread::None, &format!("version {n}"))).await;
        deliverer.round().await.unwrap();
        bed.clock.advance(SignedDuration::from_millis(100));
    }
    let calls = bed.chat.room.lock().unwrap().calls.clone();
    let gaps = calls.windows(2).map(|pair| pair[1].0.duration_since(pair[0].0));
    assert!(gaps.clone().all(|gap| gap >= SignedDuration::from_millis(1_200)), "{calls:?}");
    assert_eq!(calls.len(), 9, "ten seconds at that pace");
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["version 99"], "the newest wins");
}

#[tokio::test]
async fn what_somebody_has_to_mend_is_waited_for_and_nothing_is_lost() {
    let bed = Bed::new(&[Fate::Barred; 5]);
    bed.post("a", "C1", Thread::None, "one").await;
    bed.post("b", "C1", Thread::UnderPost(PostKey("a".into())), "two").await;
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["one", "two"]);
    let seconds: Vec<i64> = bed.chat.calls().iter().map(|(at, _)| *at).collect();
    assert_eq!(seconds, [0, 60, 120, 180, 240, 300, 300], "it is tried now and then only");
}

#[tokio::test]
async fn a_channel_has_a_message_a_second_and_short_bursts_of_its_own() {
    let bed = Bed::new(&[]);
    for n in 0..30 {
        bed.post(&format!("a{n}"), "C1", Thread::None, &n.to_string()).await;
    }
    bed.post("b", "C2", Thread::None, "elsewhere").await;
    bed.deliver().await;
    let said: Vec<String> =
        bed.chat.messages().into_iter().filter(|seen| seen.channel == "C1").map(|s| s.text).collect();
    assert_eq!(said, (0..30).map(|n| n.to_string()).collect::<Vec<_>>(), "in order");
    let seconds: Vec<i64> = bed.chat.calls().iter().map(|(at, _)| *at).collect();
    let paced = [0; 11].into_iter().chain(1..=20).collect::<Vec<_>>();
    assert_eq!(seconds, paced, "ten at once, then one a second; the other channel's at once");
}

#[tokio::test]
async fn all_edits_together_keep_slack_s_pace_and_each_card_has_its_turn() {
    let bed = Bed::new(&[]);
    propose(&bed).await;
    let cards = 30;
    for card in 0..cards {
        report(&bed, draft(&format!("card{card}"), &format!("C{card}"), Thread::None, "version 0")).await;
    }
    bed.deliver().await;
    // All change all the time, for three minutes.
    let deliverer = bed.deliverer();
    let begun = bed.chat.room.lock().unwrap().calls.len();
    for n in 1..=180 {
        for card in 0..cards {
            report(&bed, draft(&format!("card{card}"), &format!("C{card}"), Thread::None, &format!("version {n}")))
                .await;
        }
        deliverer.round().await.unwrap();
        bed.clock.advance(SignedDuration::from_secs(1));
    }
    let calls = bed.chat.room.lock().unwrap().calls[begun..].to_vec();
    let in_a_minute = |from: jiff::Timestamp| {
        calls.iter().filter(|(at, _)| (from..from + SignedDuration::from_mins(1)).contains(at)).count()
    };
    let most = calls.iter().map(|(at, _)| in_a_minute(*at)).max();
    assert_eq!(most, Some(49), "tier 3, 50 a minute, is used and kept");
    for seen in bed.chat.messages() {
        let version: u32 = seen.text["version ".len()..].parse().unwrap();
        assert!(version > 180 - 70, "{}: each has its turn about once a minute: {version}", seen.key.0);
    }
}

#[tokio::test]
async fn a_limit_on_edits_is_everybody_s() {
    let bed = Bed::new(&[Fate::Fine, Fate::Fine, Fate::Limited(30)]);
    propose(&bed).await;
    for version in ["one", "two"] {
        for channel in ["C1", "C2"] {
            report(&bed, draft(channel, channel, Thread::None, version)).await;
        }
        bed.deliver().await;
    }
    assert_eq!(texts(&bed.chat.messages()), ["two", "two"]);
    let edits: Vec<i64> = bed.chat.calls().iter().filter(|(_, call)| *call == "edit").map(|(at, _)| *at).collect();
    assert_eq!(edits.len(), 3);
    assert!(edits[1..].iter().all(|at| *at >= edits[0] + 30), "{edits:?}");
}

#[tokio::test]
async fn a_message_for_one_person_is_theirs_only() {
    let bed = Bed::new(&[]);
    let only_for = Some(UserId::new("U1"));
    bed.store.post_once(PostDraft { only_for, ..draft("a", "C1", Thread::None, "psst") }).await.unwrap();
    bed.deliver().await;
    assert!(bed.chat.messages()[0].for_one);
    assert_eq!(bed.chat.calls().len(), 1);
}

#[tokio::test]
async fn a_body_that_can_not_be_read_does_not_hold_up_the_rest() {
    let bed = Bed::new(&[]);
    bed.store.post_once(PostDraft { body: "{".to_owned(), ..draft("a", "C1", Thread::None, "") }).await.unwrap();
    bed.post("b", "C1", Thread::None, "fine").await;
    bed.deliver().await;
    assert_eq!(texts(&bed.chat.messages()), ["fine"]);
}

#[tokio::test]
async fn whatever_the_workspace_does_each_message_is_there_once_and_in_order() {
    for seed in 0..24 {
        let mut dice = Dice::new(seed);
        let fates: Vec<Fate> = (0..60)
            .map(|_| match dice.below(8) {
                0 => Fate::Limited(dice.below(20)),
                1 => Fate::Refused,
                2 => Fate::Lost,
                3 => Fate::Hangs,
                _ => Fate::Fine,
            })
            .collect();
        let bed = Bed::new(&fates);
        propose(&bed).await;
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for n in 0..40 {
            let key = format!("k{}", dice.below(15));
            let thread = if dice.below(2) == 0 { Thread::None } else { Thread::UnderPost(PostKey("k0".into())) };
            let known = newest.contains_key("k0");
            let thread = if known && key != "k0" { thread } else { Thread::None };
            let text = format!("{key} as of {n}");
            report(&bed, draft(&key, "C1", thread, &text)).await;
            newest.insert(key, text);
            // Stopped and started again, at any point.
            bed.deliver_within(SignedDuration::from_millis(i64::try_from(dice.below(2_000)).unwrap())).await;
        }
        bed.deliver_hanging().await;
        let messages = bed.chat.messages();
        let keys: BTreeSet<&str> = messages.iter().map(|seen| seen.key.0.as_str()).collect();
        assert_eq!(keys.len(), messages.len(), "seed {seed}: each once");
        assert_eq!(keys.len(), newest.len(), "seed {seed}: all of them");
        for seen in &messages {
            assert_eq!(seen.text, newest[&seen.key.0], "seed {seed}: the newest content");
        }
        let order: Vec<PostKey> = messages.into_iter().map(|seen| seen.key).collect();
        assert_eq!(order, bed.order(&order).await, "seed {seed}: in the order of their storing");
    }
}

#[tokio::test]
async fn a_closed_channel_s_news_is_told_elsewhere_once_and_catches_up_in_order() {
    for seed in 0..24 {
        let mut dice = Dice::new(seed);
        let fates: Vec<Fate> = (0..60)
            .map(|_| match dice.below(10) {
                0 => Fate::Limited(dice.below(20)),
                1 => Fate::Refused,
                2 => Fate::Lost,
                3 => Fate::Hangs,
                _ => Fate::Fine,
            })
            .collect();
        let bed = Bed::new(&fates);
        propose(&bed).await;
        let card = PostKey("op-1/card".to_owned());
        let (closes, opens) = (dice.below(10), 10 + dice.below(10));
        for n in 0..25 {
            bed.chat.room.lock().unwrap().closed = if (closes..opens).contains(&n) { vec!["C1"] } else { vec![] };
            report(&bed, draft(&card.0, "C1", Thread::None, &format!("card as of {n}"))).await;
            let news = draft(&format!("op-1/{n}"), "C1", Thread::UnderPost(card.clone()), &format!("news {n}"));
            report(&bed, news).await;
            // Stopped and started again, at any point.
            bed.deliver_within(SignedDuration::from_millis(i64::try_from(dice.below(9_000)).unwrap())).await;
        }
        bed.deliver_hanging().await;
        let said = |channel: &str| -> Vec<(String, String)> {
            let here = bed.chat.messages().into_iter().filter(|seen| seen.channel == channel);
            here.map(|seen| (seen.key.0, seen.text)).collect()
        };
        let news = (0..25).map(|n| (format!("op-1/{n}"), format!("news {n}")));
        let whole: Vec<_> = [(card.0.clone(), "card as of 24".to_owned())].into_iter().chain(news).collect();
        assert_eq!(said("C1"), whole, "seed {seed}: whole and in order");
        let elsewhere = said("U01DEVELOPER");
        assert!(elsewhere[0].0.starts_with("closed/C1/"), "seed {seed}: {elsewhere:?}");
        assert_eq!(elsewhere[1], ("op-1/card@U01DEVELOPER".to_owned(), "card as of 24".to_owned()), "seed {seed}");
        let copied: Vec<u64> = elsewhere[2..].iter().map(|(_, text)| text["news ".len()..].parse().unwrap()).collect();
        assert!(copied.is_sorted_by(|a, b| a < b), "seed {seed}: each once, in order: {copied:?}");
        assert!((closes + 1..opens - 1).all(|n| copied.contains(&n)), "seed {seed}: {closes}..{opens}: {copied:?}");
    }
}

#[tokio::test]
async fn who_cant_be_reached_is_told_of_in_the_channel_for_that() {
    let bed = Bed::new(&[]);
    propose(&bed).await;
    bed.chat.room.lock().unwrap().closed = vec!["C1", "U01DEVELOPER"];
    report(&bed, draft("op-1/card", "C1", Thread::None, "a card")).await;
    bed.deliver().await;
    let said: Vec<(String, String)> =
        bed.chat.messages().into_iter().map(|seen| (seen.channel, seen.key.0.replace('@', " to "))).collect();
    let told = [("C0", "closed/C1/op-1/C0"), ("C0", "op-1/card to C0")];
    assert_eq!(said, told.map(|(channel, key)| (channel.to_owned(), key.to_owned())));
    assert!(bed.chat.messages()[0].text.contains("neither"), "why it is told there: {:?}", bed.chat.messages());
    assert_eq!(bed.chat.calls().len(), 4, "nobody is tried twice: {:?}", bed.chat.calls());

    // Something for one person's eyes isn't told to others.
    let about = About::Person(UserId::new("U01DEVELOPER"));
    let draft = draft("answer/d1", "C1", Thread::None, "psst");
    let body: Body = serde_json::from_str(&draft.body).unwrap();
    bed.store.post_once(PostDraft { body: body.about(about).to_json(), ..draft }).await.unwrap();
    bed.deliver().await;
    assert_eq!(bed.chat.messages().len(), 2);
}

impl Bed {
    /// Delivers although calls may hang: the deliverer is started again every minute.
    async fn deliver_hanging(&self) {
        while !self.store.unsent(1).await.unwrap().is_empty() {
            self.deliver_within(SignedDuration::from_mins(1)).await;
        }
    }

    /// Messages in the order in which they were stored first.
    async fn order(&self, keys: &[PostKey]) -> Vec<PostKey> {
        // A new body makes each unsent again, and unsent ones come in the order of their first storing.
        for key in keys {
            report(self, draft(&key.0, "C1", Thread::None, "once more")).await;
        }
        self.store.unsent(1_000).await.unwrap().into_iter().map(|post: Post| post.draft.key).collect()
    }
}

async fn propose(bed: &Bed) {
    let new = NewOperation {
        first: proposed(deploy(), plan(), Policy::None),
        key: key(),
        services: BTreeSet::new(),
        delivery: DeliveryId::new("Ev1"),
        place: Place { channel: ChannelId::new("C1"), thread: None },
        state: State::Ready,
        at: start(),
    };
    bed.store
        .accept(gantry_engine::ports::Delivery {
            id: DeliveryId::new("Ev1"),
            kind: "command".to_owned(),
            body: String::new(),
            at: start(),
        })
        .await
        .unwrap();
    bed.store.propose(new).await.unwrap();
}

async fn report(bed: &Bed, draft: PostDraft) {
    let op = bed.store.unreported().await.unwrap().first().map_or(gantry_engine::names::OpId(1), |record| record.id);
    bed.store.report(gantry_engine::ports::Report { op, upto: 1, posts: vec![draft] }).await.unwrap();
}

#[tokio::test]
async fn the_reporter_stores_what_the_journal_says_and_then_is_quiet() {
    let bed = Bed::new(&[]);
    propose(&bed).await;
    let (news, told) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let reporter = Reporter::new(bed.store.clone(), Platforms::new(), bed.clock.clone(), news, told);
    reporter.round().await.unwrap();
    assert_eq!(bed.store.unreported().await.unwrap(), []);
    let posts = bed.store.unsent(10).await.unwrap();
    let keys: Vec<&str> = posts.iter().map(|post| post.draft.key.0.as_str()).collect();
    assert_eq!(keys, ["op-1/card"]);
    let said = body(&posts[0].draft);
    assert_eq!((said.state, said.delivery), (MarkState::Operation(State::Ready), Some(DeliveryId::new("Ev1"))));
    reporter.round().await.unwrap();
    assert_eq!(bed.store.post(&posts[0].draft.key).await.unwrap().map(|post| post.version), Some(1));
}
