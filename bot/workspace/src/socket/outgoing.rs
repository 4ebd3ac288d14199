//! Signed HTTP instead of sockets: what the app receives is posted to its addresses, signed as Slack signs it (pages:
//! "Verifying requests from Slack"; "The Events API", "Retries"; "Implementing slash commands"; "Handling user interaction").
//!
//! To the queue this is one more socket: an answer with status 200 within the time is the acknowledgement, anything else is none.

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::courier::Frame;
use super::settle::acknowledged;
use crate::hub::Hub;
use crate::state::Kind;

type Http = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// An envelope, as sockets carry it.
#[derive(Deserialize)]
struct Envelope {
    envelope_id: String,
    #[serde(rename = "type")]
    kind: Kind,
    payload: Value,
    #[serde(default)]
    retry_attempt: u32,
    #[serde(default)]
    retry_reason: String,
}

/// Posts what comes to the addresses below `base`, until the workspace stops.
pub(crate) async fn run(hub: Arc<Hub>, base: String) {
    let Some((socket, _, mut frames)) = hub.courier.open() else { return };
    hub.courier.ready(socket);
    let http: Http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let mut stopping = hub.stopping();
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            () = stopping.wait() => None,
        };
        match frame {
            Some(Frame::Envelope(text)) => drop(tokio::spawn(post(Arc::clone(&hub), http.clone(), base.clone(), text))),
            // There is nothing to close, so nothing to say before.
            Some(Frame::Disconnect(_)) => {}
            None => return hub.courier.close(socket),
        }
    }
}

async fn post(hub: Arc<Hub>, http: Http, base: String, text: String) {
    let Ok(envelope) = serde_json::from_str::<Envelope>(&text) else { return };
    let Ok(request) = request(&hub, &base, &envelope) else {
        return tracing::warn!(base, "the app's address isn't one");
    };
    let answer = async {
        let response = http.request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        if status == StatusCode::OK { Ok(body) } else { Err(format!("status {status}")) }
    };
    match tokio::time::timeout(hub.timings.ack, answer).await {
        Ok(Ok(body)) => acknowledged(&hub, &envelope.envelope_id, &said(&body)),
        Ok(Err(why)) => tracing::debug!(why, "the app didn't take a request"),
        Err(_) => tracing::debug!("the app didn't answer in time"),
    }
}

fn request(hub: &Hub, base: &str, envelope: &Envelope) -> http::Result<Request<Full<Bytes>>> {
    let form =
        |pairs: Vec<(String, String)>| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let (path, kind, body) = match envelope.kind {
        Kind::EventsApi => ("events", "application/json", envelope.payload.to_string()),
        Kind::Interactive => {
            let payload = vec![("payload".to_owned(), envelope.payload.to_string())];
            ("interactions", "application/x-www-form-urlencoded", form(payload))
        }
        Kind::SlashCommands => {
            let fields = envelope.payload.as_object().into_iter().flatten();
            let fields = fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            ("commands", "application/x-www-form-urlencoded", form(fields.collect()))
        }
    };
    let at = hub.now().as_second().to_string();
    let mut request = Request::post(format!("{}/{path}", base.trim_end_matches('/')))
        .header(header::CONTENT_TYPE, kind)
        .header("x-slack-signature", sign(&hub.secrets.signing_secret, &at, &body))
        .header("x-slack-request-timestamp", at);
    if envelope.retry_attempt > 0 {
        // Slack names a reason of HTTP's own (page: The Events API, "Retries").
        let reason = if envelope.retry_reason == "timeout" { "http_timeout" } else { "http_error" };
        request = request.header("x-slack-retry-num", envelope.retry_attempt).header("x-slack-retry-reason", reason);
    }
    request.body(Full::new(body.into()))
}

/// `v0=` and HMAC-SHA256 of `v0:TIME:BODY` in hex.
fn sign(secret: &str, at: &str, body: &str) -> String {
    let keyed = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = keyed.unwrap_or_else(|_| unreachable!("HMAC takes keys of any length (RFC 2104)"));
    mac.update(format!("v0:{at}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

/// An answer in the body: JSON, or plain words.
fn said(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| match std::str::from_utf8(body) {
        Ok(words) if !words.trim().is_empty() => json!({ "text": words }),
        _ => Value::Null,
    })
}
