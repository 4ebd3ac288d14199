//! The sockets' own side: a ticket lets one in, `hello` greets it, envelopes go out, acknowledgements come back.

use std::sync::Arc;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::courier::Frame;
use super::settle::acknowledged;
use crate::hub::Hub;
use crate::wire::payload;

/// What `debug_info.host` says.
const HOST: &str = "applink-gantry-workspace";

#[derive(Deserialize)]
pub(crate) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// A new address for a socket (vector: `responses/apps.connections.open.ok.json`).
pub(crate) fn open_ticket(hub: &Hub) -> String {
    let ticket = hub.mint.hex("ticket");
    hub.grants.add_ticket(&ticket, hub.now());
    let socket_url = hub.base_url.replacen("http://", "ws://", 1);
    format!("{socket_url}/link/?ticket={ticket}&app_id={}", hub.directory.app.id)
}

/// `GET /link/?ticket=..`
pub(crate) async fn link(
    State(hub): State<Arc<Hub>>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !hub.grants.take_ticket(&ticket, hub.now()) {
        return (StatusCode::UNAUTHORIZED, "the ticket was used or is too old: call apps.connections.open again")
            .into_response();
    }
    upgrade.on_upgrade(move |socket| serve(hub, socket))
}

async fn serve(hub: Arc<Hub>, mut socket: WebSocket) {
    let Some((id, connections, frames)) = hub.courier.open() else {
        let _gone = send(&mut socket, payload::disconnect("too_many_websockets", HOST)).await;
        let _gone = socket.send(Message::Close(None)).await;
        return;
    };
    if send(&mut socket, payload::hello(&hub.directory.app.id, connections, HOST)).await.is_ok() {
        hub.courier.ready(id);
        tracing::info!(socket = id, connections, "the app opened a socket");
        talk(&hub, &mut socket, frames).await;
    }
    hub.courier.close(id);
    tracing::info!(socket = id, "the app's socket closed");
}

async fn talk(hub: &Hub, socket: &mut WebSocket, mut frames: mpsc::UnboundedReceiver<Frame>) {
    let mut stopping = hub.stopping();
    let mut pings = interval(hub.timings.ping);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let gone = tokio::select! {
            frame = frames.recv() => match frame {
                Some(Frame::Envelope(text)) => send(socket, text).await.is_err(),
                Some(Frame::Disconnect(reason)) => return part(socket, &reason).await,
                None => true,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    heard(hub, text.as_str());
                    false
                }
                Some(Ok(Message::Close(_))) => {
                    // The answer to it waits for the next read, and clients wait for the answer.
                    let _answered = socket.recv().await;
                    true
                }
                Some(Err(_)) | None => true,
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => false,
            },
            _ = pings.tick() => socket.send(Message::Ping("gantry".into())).await.is_err(),
            () = stopping.wait() => return part(socket, "refresh_requested").await,
        };
        if gone {
            return;
        }
    }
}

async fn send(socket: &mut WebSocket, text: String) -> Result<(), axum::Error> {
    socket.send(Message::Text(Utf8Bytes::from(text))).await
}

async fn part(socket: &mut WebSocket, reason: &str) {
    let _gone = send(socket, payload::disconnect(reason, HOST)).await;
    let _gone = socket.send(Message::Close(None)).await;
}

/// An acknowledgement, maybe with an answer in it (page: Using Socket Mode, "Acknowledge events").
#[derive(Deserialize)]
struct Ack {
    envelope_id: String,
    #[serde(default)]
    payload: Value,
}

fn heard(hub: &Hub, text: &str) {
    let Ok(ack) = serde_json::from_str::<Ack>(text) else {
        tracing::warn!(bytes = text.len(), "the app sent something that is no acknowledgement");
        return;
    };
    acknowledged(hub, &ack.envelope_id, &ack.payload);
}
