//! The one room that knows slack-morphism: Socket Mode in, the Web API out, and who people are.
//!
//! What comes in is turned into our own form and stored before it is acknowledged; what goes out is our own JSON, since
//! a round trip through the library's block types would drop what they don't model.

mod chat;
mod client;
mod directory;
mod listen;

pub use client::{Connecting, Identity, SlackClient, Tokens};
pub use listen::Listening;
