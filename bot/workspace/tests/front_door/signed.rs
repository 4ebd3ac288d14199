//! Signed requests in place of sockets, taken by a small server that plays the app.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use gantry_workspace::{Say, Submit};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bed::{Bed, eventually, quick};

/// What an app's address got.
#[derive(Clone)]
struct Got {
    path: String,
    headers: HeaderMap,
    body: String,
}

/// What it got, and how it answers: a status and a body.
#[derive(Clone, Default)]
struct App {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<Vec<(u16, String)>>>,
}

impl App {
    async fn start() -> (Self, String) {
        let app = Self::default();
        let routes = Router::new().route("/slack/{what}", post(take)).with_state(app.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/slack", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (app, base)
    }

    fn answer(&self, status: u16, body: &str) {
        self.answers.lock().unwrap().push((status, body.to_owned()));
    }

    async fn got(&self, count: usize) -> Vec<Got> {
        eventually("the requests", async || Some(self.got.lock().unwrap().clone()).filter(|got| got.len() >= count))
            .await
    }
}

async fn take(State(app): State<App>, Path(path): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    app.got.lock().unwrap().push(Got { path, headers, body });
    let mut answers = app.answers.lock().unwrap();
    let (status, body) = if answers.is_empty() { (200, String::new()) } else { answers.remove(0) };
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

async fn bed(base: String) -> Bed {
    let bed = Bed::with(|config| config.timings = quick()).await;
    bed.running.deliver_to(&base);
    bed
}

#[tokio::test]
async fn a_command_is_a_signed_form_and_its_answer_is_shown() {
    let (app, base) = App::start().await;
    let bed = bed(base).await;
    app.answer(200, r#"{"text":"on it","response_type":"ephemeral"}"#);
    bed.people.command(&crate::commands::slash("deploy web to dev")).await.unwrap();
    let got = &app.got(1).await[0];
    assert_eq!(got.path, "commands");
    let fields: Vec<(String, String)> = form_urlencoded::parse(got.body.as_bytes()).into_owned().collect();
    assert!(fields.contains(&("text".to_owned(), "deploy web to dev".to_owned())));
    let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(bed.secrets().signing_secret.as_bytes()).unwrap();
    mac.update(format!("v0:{}:{}", header("x-slack-request-timestamp"), got.body).as_bytes());
    assert_eq!(header("x-slack-signature"), format!("v0={}", hex::encode(mac.finalize().into_bytes())));
    eventually("the answer", async || {
        let messages = bed.people.messages("developer", "dev", None).await.unwrap();
        messages.into_iter().find(|message| message.is_ephemeral && message.text == "on it")
    })
    .await;
}

#[tokio::test]
async fn an_event_that_is_not_taken_comes_again_and_says_so() {
    let (app, base) = App::start().await;
    let bed = bed(base).await;
    app.answer(503, "");
    let say = Say { who: "developer".into(), channel: "@gantry".into(), text: "hi".into(), thread_ts: None };
    bed.people.message(&say.clone()).await.unwrap();
    let got = app.got(2).await;
    assert_eq!((got[0].path.as_str(), &got[0].body), ("events", &got[1].body));
    assert!(!got[0].headers.contains_key("x-slack-retry-num"));
    assert_eq!(got[1].headers["x-slack-retry-num"], "1");
    assert!(got[1].headers.contains_key("x-slack-retry-reason"));
    bed.people.message(&Say { text: "bye".into(), ..say }).await.unwrap();
    assert!(app.got(3).await[2].body.contains("bye"), "what is taken doesn't come again");
}

#[tokio::test]
async fn a_form_s_faults_come_back_in_the_answer() {
    let (app, base) = App::start().await;
    let bed = bed(base).await;
    let trigger = bed.people.command(&crate::commands::slash("deploy")).await.unwrap().trigger_id;
    let view = crate::views::modal("Deploy");
    let view = bed.ok("views.open", json!({ "trigger_id": trigger, "view": view })).await["view"]["id"].clone();
    app.got(1).await;
    app.answer(200, r#"{"response_action":"errors","errors":{"why":"that is no reason"}}"#);
    let values = json!({ "why": "x" }).as_object().unwrap().clone();
    let submit = Submit { who: "developer".into(), view_id: view.as_str().unwrap().to_owned(), values };
    let verdict = bed.people.submit(&submit).await.unwrap();
    assert_eq!(verdict.errors["why"], "that is no reason");
    let got = app.got(2).await;
    let fields: Vec<(String, String)> = form_urlencoded::parse(got[1].body.as_bytes()).into_owned().collect();
    let payload: Value = serde_json::from_str(&fields[0].1).unwrap();
    assert_eq!((fields[0].0.as_str(), &payload["type"]), ("payload", &json!("view_submission")));
}
