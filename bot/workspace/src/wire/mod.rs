//! The shapes that travel: Slack's own, and those of the control API. Values in, values out; nothing is looked up here
//! except names.

mod control;
pub(crate) mod interactive;
mod message;
pub(crate) mod payload;
mod views;

pub use control::{
    Action, AppInfo, ChannelInfo, Event, Fault, GroupInfo, Mark, PersonInfo, Say, Shut, Shutting, Slash, State, Trigger,
};
pub(crate) use message::render;
pub use message::{BotProfile, Edited, Message, Reaction};
pub use views::{Close, Home, Modal, React, Shortcut, ShortcutInfo, Submit, Visit};
