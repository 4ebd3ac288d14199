//! Deliveries in thousands: each comes one to four times, up to ten minutes late and in any order, and each is one
//! operation, made in the order in which they came first.

use futures::future::join_all;
use gantry::slack::SigningSecret;
use gantry_engine::names::{DeliveryId, OpId};
use gantry_engine::ports::{Clock, OpFilter};
use gantry_testkit::clock::ManualClock;
use gantry_testkit::dice::Dice;
use gantry_tests::booth::{Booth, Cast, SPEAKER};
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// Channels, each with an environment of its own.
const CHANNELS: u64 = 8;

/// Threads in each.
const THREADS: u64 = 3;

/// So many seconds after the one before somebody says something.
const APART: u64 = 3;

/// How late something may come, in seconds.
const LATE: u64 = 600;

/// One thing that somebody says or clicks.
struct Said {
    id: String,
    channel: u64,
    thread: Option<u64>,
    path: &'static str,
    body: String,
}

impl Said {
    fn new(n: u64, dice: &mut Dice) -> Self {
        let (channel, thread) = (dice.below(CHANNELS), dice.below(THREADS));
        let words = format!("extend pr-{channel} by 1m");
        let (place, ts) = (format!("C{channel}"), format!("{thread}.000100"));
        let form =
            |fields: &[(&str, &str)]| form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let trigger = format!("trigger-{n}");
        let (id, thread, path, body) = match dice.below(3) {
            0 => {
                let fields =
                    [("trigger_id", trigger.as_str()), ("user_id", SPEAKER), ("channel_id", &place), ("text", &words)];
                (trigger.clone(), None, "commands", form(&fields))
            }
            1 => {
                let own = format!("{n}.000200");
                let event = json!({
                    "type": "app_mention", "user": SPEAKER, "channel": place, "ts": own, "thread_ts": ts,
                    "text": format!("<@U0GANTRY> {words}"),
                });
                let body = json!({ "type": "event_callback", "event_id": format!("Ev{n}"), "event": event });
                (format!("said:{place}:{own}"), Some(thread), "events", body.to_string())
            }
            _ => {
                let payload = json!({
                    "type": "block_actions", "trigger_id": trigger, "user": { "id": SPEAKER }, "channel": { "id": place },
                    "message": { "type": "message", "ts": "9.9", "thread_ts": ts },
                    "actions": [{ "type": "button", "value": format!("-|{words}") }],
                });
                (trigger, Some(thread), "interactions", form(&[("payload", &payload.to_string())]))
            }
        };
        Self { id, channel, thread, path, body }
    }
}

/// When what comes: by seconds from the beginning, and which.
fn arrivals(count: u64, dice: &mut Dice) -> Vec<(u64, usize)> {
    let mut all = Vec::new();
    for n in 0..count {
        let copies = 1 + dice.below(4);
        let late = (0..copies).map(|_| dice.below(LATE)).collect::<Vec<_>>();
        let which = usize::try_from(n).expect("a small number");
        all.extend(late.into_iter().map(|late| (n * APART + late, which)));
    }
    all.sort_unstable();
    all
}

/// Slack's side.
struct Sender {
    base: String,
    secret: SigningSecret,
    client: Client<HttpConnector, Full<Bytes>>,
    clock: Arc<ManualClock>,
}

impl Sender {
    /// Sends in that order, one after another.
    async fn send(&self, all: impl Iterator<Item = &Said>) {
        for Said { id, path, body, .. } in all {
            let sent_at = self.clock.now().as_second();
            let request = Request::post(format!("{}/{path}", self.base))
                .header("x-slack-request-timestamp", sent_at)
                .header("x-slack-signature", self.secret.sign(sent_at, body.as_bytes()))
                .body(Full::from(body.clone()))
                .unwrap();
            let answer = self.client.request(request).await.unwrap();
            // A repeat within the same second is the same request, and refused.
            let fine = [StatusCode::OK, StatusCode::UNAUTHORIZED];
            assert!(fine.contains(&answer.status()), "{id}: {}", answer.status());
        }
    }
}

#[expect(clippy::print_stderr, reason = "figures for whoever measures")]
async fn flood(count: u64) {
    let began = Instant::now();
    let booth = Booth::with(Cast { on_disk: true, ..Cast::default() }).await;
    for channel in 0..CHANNELS {
        booth.say(&format!("first-{channel}"), &format!("deploy web to pr-{channel} for 12h")).await;
    }
    booth.settle().await;
    let secret = SigningSecret::new(&"signing, in a test".into());
    let intake = booth.open_to(&secret).await;
    let (base, client) =
        (format!("http://{}/slack", intake.address()), Client::builder(TokioExecutor::new()).build_http());
    let sender = Sender { base, secret, client, clock: booth.clock.clone() };
    let start = booth.clock.now();
    let mut dice = Dice::new(count);
    let said: Vec<Said> = (0..count).map(|n| Said::new(n, &mut dice)).collect();
    let arrivals = arrivals(count, &mut dice);
    for minute in arrivals.chunk_by(|a, b| a.0 / 60 == b.0 / 60) {
        let now = start + SignedDuration::from_secs(i64::try_from(minute[0].0).unwrap());
        if booth.clock.now() < now {
            booth.clock.set(now);
        }
        // One for each channel, so that it is known what came first there.
        join_all((0..CHANNELS).map(|channel| {
            let theirs = minute.iter().map(|(_, which)| &said[*which]);
            sender.send(theirs.filter(move |said| said.channel == channel))
        }))
        .await;
        booth.settle().await;
    }
    each_is_one(&booth, &said, &arrivals).await;
    eprintln!("{} deliveries of {count} things in {:.1?}", arrivals.len(), began.elapsed());
    intake.stop().await;
    booth.close().await;
}

async fn each_is_one(booth: &Booth, said: &[Said], arrivals: &[(u64, usize)]) {
    let mut came = BTreeSet::new();
    let mut threads: BTreeMap<(u64, Option<u64>), Vec<OpId>> = BTreeMap::new();
    for (_, which) in arrivals.iter().filter(|(_, which)| came.insert(*which)) {
        let Said { id, channel, thread, .. } = &said[*which];
        let op = booth.store.operation_of(&DeliveryId::new(id.clone())).await.unwrap();
        threads.entry((*channel, *thread)).or_default().push(op.unwrap_or_else(|| panic!("{id}: no operation")));
    }
    let ops: BTreeSet<OpId> = threads.values().flatten().copied().collect();
    let all = booth.store.operations(&OpFilter::default()).await.unwrap();
    assert_eq!((ops.len(), all.len()), (said.len(), said.len() + usize::try_from(CHANNELS).unwrap()), "one each");
    for (place, ops) in &threads {
        assert!(ops.is_sorted(), "{place:?}: {ops:?}");
    }
    assert!(all.iter().all(|op| op.state.is_closed()), "all are over");
}

#[tokio::test]
async fn each_delivery_is_one_operation_however_often_and_late_it_comes() {
    flood(400).await;
}

/// About ten thousand deliveries: `docs/reliability.md` has the command and figures.
#[tokio::test]
#[ignore = "takes minutes"]
async fn ten_thousand_deliveries() {
    flood(4_100).await;
}
