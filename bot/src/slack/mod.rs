//! The one room that knows Slack's protocol (with slack-morphism): Socket Mode or signed HTTP in, the Web API out, and
//! who people are.
//!
//! What comes in is turned into our own form and stored before it is acknowledged; what goes out is our own JSON, since
//! a round trip through the library's block types would drop what they don't model.

mod app;
mod chat;
mod client;
mod codes;
mod directory;
mod heard;
mod http;
mod listen;

pub use app::{Scope, link, manifest, missing};
pub use client::{Connecting, Identity, SlackClient, Sockets};
pub use http::{Door, HttpIntake, SigningSecret};
pub use listen::Listening;

/// Whether logs under this target hold what Slack and the bot send each other, once they are asked for more than `INFO`: what
/// people say, and the tokens, triggers and addresses of each payload.
pub(crate) fn tells_payloads(target: &str) -> bool {
    ["slack_morphism", "tokio_tungstenite"].iter().any(|library| target.starts_with(library))
}
