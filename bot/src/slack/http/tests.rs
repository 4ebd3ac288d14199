//! The front door, over real sockets on loopback: who is believed, what is stored, and what is answered.
//!
//! Payloads that Slack itself published lie beside the repository where they are at hand, and are read from there.

use super::signature::{SENT_AT, SIGNATURE};
use super::{BODY_LIMIT, Door, Gate, HttpIntake, Replays, SigningSecret};
use crate::intake::{Inbox, Incoming, Way};
use futures::future::join_all;
use gantry_engine::names::{MessageTs, UserId};
use gantry_engine::ports::{Clock, Store};
use gantry_store::SqliteStore;
use gantry_testkit::clock::ManualClock;
use gantry_testkit::memory_store::MemoryStore;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// The bot's own user in these tests.
const ME: &str = "UBOT";

const COMMAND: &str = "team_id=T1&channel_id=C1&user_id=U1&command=%2Fgantry&text=deploy+web+to+dev\
    &response_url=https%3A%2F%2Fexample.com%2Fx&trigger_id=1.2.a";

mod flood;

/// A running intake, and Slack's side of it.
struct Bed {
    intake: HttpIntake,
    gate: Arc<Gate>,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    secret: SigningSecret,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// A request before it is sent.
struct Letter {
    path: &'static str,
    body: Vec<u8>,
    sent_at: i64,
    signature: Option<String>,
    headers: Vec<(&'static str, &'static str)>,
}

impl Bed {
    async fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new())).await
    }

    async fn over(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let secret = SigningSecret::new(&"signing, in a test".into());
        let inbox = Inbox::new(store.clone(), clock.clone(), Arc::new(Notify::new()));
        let door = Door { secret: secret.clone(), inbox, clock: clock.clone(), me: UserId::new(ME) };
        let gate = Arc::new(Gate { door, replays: Replays::default() });
        let intake = HttpIntake::serve(([127, 0, 0, 1], 0).into(), Arc::clone(&gate)).await.expect("a free port");
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { intake, gate, store, clock, secret, client }
    }

    fn letter(&self, path: &'static str, body: impl Into<Vec<u8>>) -> Letter {
        let (body, sent_at) = (body.into(), self.clock.now().as_second());
        let signature = Some(self.secret.sign(sent_at, &body));
        Letter { path, body, sent_at, signature, headers: Vec::new() }
    }

    async fn send(&self, letter: Letter) -> (StatusCode, String) {
        let uri = format!("http://{}{}", self.intake.address(), letter.path);
        let mut request = Request::post(uri).header(SENT_AT, letter.sent_at);
        if let Some(signature) = letter.signature {
            request = request.header(SIGNATURE, signature);
        }
        for (name, value) in letter.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::from(letter.body)).expect("a request");
        let response = self.client.request(request).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    /// Sends a signed request and expects nothing but a status.
    async fn status(&self, path: &'static str, body: impl Into<Vec<u8>>) -> StatusCode {
        let (status, body) = self.send(self.letter(path, body)).await;
        assert_eq!(body, "", "an acknowledgement says nothing");
        status
    }

    async fn stored(&self) -> Vec<(String, Incoming)> {
        let all = self.store.unhandled(10_000).await.expect("a store");
        all.into_iter().map(|one| (one.id.to_string(), serde_json::from_str(&one.body).expect("ours"))).collect()
    }
}

fn event(event: &Value) -> String {
    json!({ "type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event }).to_string()
}

fn click(extra: &Value) -> Vec<u8> {
    let mut payload = json!({
        "type": "block_actions",
        "team": null,
        "trigger_id": "3.4.b",
        "user": { "id": "U1" },
        "channel": { "id": "C1" },
        "actions": [{ "type": "button", "action_id": "a", "value": "-|approve op-1" }],
    });
    for (name, value) in extra.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    interaction(&payload)
}

fn interaction(payload: &Value) -> Vec<u8> {
    serde_urlencoded::to_string([("payload", payload.to_string())]).expect("a form").into_bytes()
}

#[tokio::test]
async fn a_command_is_stored_and_then_acknowledged() {
    let bed = Bed::new().await;
    assert_eq!(bed.status("/slack/commands", COMMAND).await, StatusCode::OK);
    let stored = bed.stored().await;
    let [(id, incoming)] = stored.as_slice() else { panic!("one delivery, not {stored:?}") };
    assert_eq!(id, "1.2.a");
    assert_eq!((incoming.way, incoming.text.as_str()), (Way::Command, "deploy web to dev"));
    assert_eq!((incoming.user.as_str(), incoming.channel.as_str()), ("U1", "C1"));
    bed.intake.stop().await;
}

#[tokio::test]
async fn what_is_forged_learns_and_leaves_nothing() {
    let bed = Bed::new().await;
    let good = || bed.letter("/slack/commands", COMMAND);
    let stranger = SigningSecret::new(&"somebody else's".into());
    let flipped = |signature: String| {
        let last = if signature.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &signature[..signature.len() - 1])
    };
    let signature = || good().signature.expect("signed");
    let forged = [
        ("none", Letter { signature: None, ..good() }),
        ("another secret", Letter { signature: Some(stranger.sign(good().sent_at, COMMAND.as_bytes())), ..good() }),
        ("one digit", Letter { signature: Some(flipped(signature())), ..good() }),
        ("too short", Letter { signature: Some(signature()[..20].to_owned()), ..good() }),
        ("empty", Letter { signature: Some("v0=".to_owned()), ..good() }),
        ("no version", Letter { signature: Some(signature()[3..].to_owned()), ..good() }),
        ("another version", Letter { signature: Some(signature().replace("v0", "v1")), ..good() }),
        ("another body", Letter { body: b"text=teardown+prod".to_vec(), ..good() }),
        ("another time", Letter { sent_at: good().sent_at + 1, ..good() }),
    ];
    for (what, letter) in forged {
        assert_eq!(bed.send(letter).await, (StatusCode::UNAUTHORIZED, String::new()), "{what}");
    }
    for path in ["/slack/interactions", "/slack/events"] {
        let letter = Letter { signature: None, ..bed.letter(path, "{}") };
        assert_eq!(bed.send(letter).await, (StatusCode::UNAUTHORIZED, String::new()), "{path}");
    }
    assert_eq!(bed.stored().await, []);
    bed.intake.stop().await;
}

#[tokio::test]
async fn the_window_is_five_minutes_both_ways() {
    let bed = Bed::new().await;
    let now = bed.clock.now().as_second();
    let cases = [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401), (i64::MIN, 401), (i64::MAX - now, 401)];
    for (off, status) in cases {
        let sent_at = now.saturating_add(off);
        let body = COMMAND.replace("1.2.a", &off.to_string());
        let signature = Some(bed.secret.sign(sent_at, body.as_bytes()));
        let letter = Letter { sent_at, signature, ..bed.letter("/slack/commands", body) };
        assert_eq!(bed.send(letter).await.0.as_u16(), status, "{off} s off");
    }
    assert_eq!(bed.stored().await.len(), 3);
    bed.intake.stop().await;
}

#[tokio::test]
async fn a_repeat_is_acknowledged_and_stored_once() {
    let bed = Bed::new().await;
    let mention =
        json!({ "type": "app_mention", "user": "U1", "channel": "C1", "ts": "5.6", "text": "<@UBOT> status" });
    let twin = json!({ "type": "message", "channel_type": "channel", "user": "U1", "channel": "C1", "ts": "5.6", "text": "<@UBOT> status" });
    for attempt in ["1", "2", "3"] {
        for (path, body) in [
            ("/slack/commands", COMMAND.to_owned()),
            ("/slack/events", event(&mention)),
            ("/slack/events", event(&twin)),
        ] {
            let headers = vec![("x-slack-retry-num", attempt), ("x-slack-retry-reason", "http_timeout")];
            let letter = Letter { headers, ..bed.letter(path, body) };
            assert_eq!(bed.send(letter).await.0, StatusCode::OK);
        }
        bed.clock.advance(SignedDuration::from_mins(1));
    }
    let ids: Vec<String> = bed.stored().await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["1.2.a", "said:C1:5.6"]);
    bed.intake.stop().await;
}

#[tokio::test]
async fn the_same_request_is_taken_once() {
    let bed = Bed::new().await;
    let challenge = json!({ "type": "url_verification", "challenge": "say this" }).to_string();
    for (path, body) in [("/slack/commands", COMMAND), ("/slack/events", challenge.as_str())] {
        let again = || bed.letter(path, body);
        assert_eq!(bed.send(again()).await.0, StatusCode::OK);
        let replayed = bed.send(again()).await;
        let harmless = path == "/slack/events";
        assert_eq!(replayed.0, if harmless { StatusCode::OK } else { StatusCode::UNAUTHORIZED }, "{path}");
    }
    // Not one that wasn't taken: it may come as it is.
    let unreadable = || bed.letter("/slack/commands", "text=status");
    for _ in 0..2 {
        assert_eq!(bed.send(unreadable()).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(bed.stored().await.len(), 1);
    bed.intake.stop().await;
}

#[tokio::test]
async fn a_body_is_limited_before_anything_else() {
    let bed = Bed::new().await;
    let fits = format!("{COMMAND}&x={}", "x".repeat(BODY_LIMIT - COMMAND.len() - 3));
    assert_eq!(bed.status("/slack/commands", fits).await, StatusCode::OK);
    for path in ["/slack/commands", "/slack/interactions", "/slack/events"] {
        let letter = Letter { signature: None, ..bed.letter(path, vec![b'x'; BODY_LIMIT + 1]) };
        assert_eq!(bed.send(letter).await.0, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    assert_eq!(bed.stored().await.len(), 1);
    bed.intake.stop().await;
}

#[tokio::test]
async fn the_path_says_what_a_body_is() {
    let bed = Bed::new().await;
    for (at, kind) in ["application/x-www-form-urlencoded; charset=UTF-8", "text/plain", "application/json", "x"]
        .into_iter()
        .enumerate()
    {
        let body = COMMAND.replace("1.2.a", &at.to_string());
        let letter = Letter { headers: vec![("content-type", kind)], ..bed.letter("/slack/commands", body) };
        assert_eq!(bed.send(letter).await, (StatusCode::OK, String::new()), "{kind}");
    }
    assert_eq!(bed.stored().await.len(), 4);
    for (path, body) in [
        ("/slack/commands", "{}"),
        ("/slack/commands", ""),
        ("/slack/interactions", COMMAND),
        ("/slack/interactions", "payload=%7B"),
        ("/slack/events", "payload=%7B%7D"),
        ("/slack/events", "[]"),
        ("/slack/events", "\u{0}"),
    ] {
        assert_eq!(bed.status(path, body).await, StatusCode::BAD_REQUEST, "{path} {body}");
    }
    assert_eq!(bed.stored().await.len(), 4);
    bed.intake.stop().await;
}

#[tokio::test]
async fn a_click_counts_where_the_library_knows_no_team() {
    let bed = Bed::new().await;
    let message = json!({ "message": { "type": "message", "ts": "7.8", "thread_ts": "6.1" } });
    assert_eq!(bed.status("/slack/interactions", click(&message)).await, StatusCode::OK);
    let ephemeral = json!({
        "trigger_id": "3.4.c",
        "container": { "type": "message", "message_ts": "7.9", "thread_ts": "6.2", "is_ephemeral": true },
    });
    assert_eq!(bed.status("/slack/interactions", click(&ephemeral)).await, StatusCode::OK);
    let alone =
        json!({ "trigger_id": "3.4.d", "container": { "type": "message", "message_ts": "7.9", "is_ephemeral": true } });
    assert_eq!(bed.status("/slack/interactions", click(&alone)).await, StatusCode::OK);
    let others = json!({ "trigger_id": "3.4.e", "actions": [{ "type": "button", "value": "not one of ours" }] });
    assert_eq!(bed.status("/slack/interactions", click(&others)).await, StatusCode::OK);
    let stored = bed.stored().await;
    assert!(stored.iter().all(|(_, incoming)| incoming.way == Way::Click && incoming.text == "approve op-1"));
    let threads: Vec<Option<&str>> =
        stored.iter().map(|(_, incoming)| incoming.thread.as_ref().map(MessageTs::as_str)).collect();
    assert_eq!(threads, [Some("6.1"), Some("6.2"), None]);
    bed.intake.stop().await;
}

#[tokio::test]
async fn only_peoples_own_words_count() {
    let bed = Bed::new().await;
    let direct =
        json!({ "type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.0", "text": "help" });
    let but = |name: &str, value: Value| {
        let mut other = direct.clone();
        other["ts"] = format!("{name}.1").into();
        other[name] = value;
        other
    };
    let not_ours = [
        but("bot_id", json!("B1")),
        but("user", json!(ME)),
        but("subtype", json!("a_kind_from_the_future")),
        but("channel_type", json!("group")),
        but("type", json!("reaction_added")),
        but("text", Value::Null),
    ];
    for other in &not_ours {
        assert_eq!(bed.status("/slack/events", event(other)).await, StatusCode::OK, "{other}");
    }
    assert_eq!(bed.stored().await, []);
    assert_eq!(bed.status("/slack/events", event(&direct)).await, StatusCode::OK);
    assert_eq!(bed.stored().await.len(), 1);
    bed.intake.stop().await;
}

#[tokio::test]
async fn slacks_own_checks_are_answered() {
    let bed = Bed::new().await;
    let challenge = json!({ "type": "url_verification", "challenge": "say this" }).to_string();
    let answer = bed.send(bed.letter("/slack/events", challenge.clone())).await;
    assert_eq!(answer, (StatusCode::OK, "say this".to_owned()));
    let unsigned = Letter { signature: None, ..bed.letter("/slack/events", challenge) };
    assert_eq!(bed.send(unsigned).await.0, StatusCode::UNAUTHORIZED);
    let ssl = Letter { signature: None, ..bed.letter("/slack/commands", "token=x&ssl_check=1") };
    assert_eq!(bed.send(ssl).await, (StatusCode::OK, String::new()));
    assert_eq!(bed.stored().await, []);
    bed.intake.stop().await;
}

#[tokio::test]
async fn what_isnt_stored_isnt_acknowledged() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Arc::new(SqliteStore::open(&dir.path().join("gantry.db")).await.expect("a database"));
    let bed = Bed::over(Arc::<SqliteStore>::clone(&store)).await;
    assert_eq!(bed.status("/slack/commands", COMMAND).await, StatusCode::OK);
    store.close().await;
    let another = COMMAND.replace("1.2.a", "1.2.b");
    assert_eq!(bed.status("/slack/commands", another).await, StatusCode::SERVICE_UNAVAILABLE);
    bed.intake.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_each_stored_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Arc::new(SqliteStore::open(&dir.path().join("gantry.db")).await.expect("a database"));
    let bed = Bed::over(Arc::<SqliteStore>::clone(&store)).await;
    // 64 different ones, each from three senders at the same time.
    let body = |at| format!("{}&sender={at}", COMMAND.replace("1.2.a", &format!("t{}", at % 64)));
    let all = (0..192).map(|at| bed.status("/slack/commands", body(at)));
    assert!(join_all(all).await.into_iter().all(|status| status == StatusCode::OK));
    assert_eq!(bed.stored().await.len(), 64);
    bed.intake.stop().await;
    store.close().await;
}

#[test]
fn nothing_shows_the_secret() {
    assert_eq!(format!("{:?}", SigningSecret::new(&"signing, in a test".into())), "SigningSecret");
}

#[tokio::test]
async fn slacks_published_payloads_are_read() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/slack/vectors/http");
    if !dir.is_dir() {
        eprintln!("skipped: Slack's published payloads aren't here");
        return;
    }
    let bed = Bed::new().await;
    let mut files: Vec<_> =
        fs::read_dir(&dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut looked_at = 0;
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&file).expect("a text");
        let (path, body) = match name.split('_').next() {
            Some("slash") => ("/slack/commands", text.into_bytes()),
            Some("block" | "view") => ("/slack/interactions", interaction(&serde_json::from_str(&text).expect("JSON"))),
            _ => ("/slack/events", text.into_bytes()),
        };
        assert_eq!(bed.send(bed.letter(path, body)).await.0, StatusCode::OK, "{name}");
        looked_at += 1;
    }
    assert!(looked_at >= 16, "there were 16 when this was written");
    // The buttons there are not ours; everything said to a bot is.
    let stored: Vec<(Way, String)> = bed.stored().await.into_iter().map(|(_, one)| (one.way, one.text)).collect();
    let expected =
        [(Way::Mention, "<@W111> Hi there!"), (Way::Direct, "When Slack was released?"), (Way::Command, "Hi")];
    assert_eq!(stored, expected.map(|(way, text)| (way, text.to_owned())));
    bed.intake.stop().await;
}
