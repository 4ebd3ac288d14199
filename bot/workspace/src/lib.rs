//! An embedded Slack: enough of the Web API, of Socket Mode and of signed requests for a real bot to work against, and a chat page for people.
//!
//! Gantry runs against it with no account anywhere, over the same protocol as in production. It is faithful where a bot can
//! tell the difference (ids, shapes, error codes, limits, acknowledgements, retries) and makes no attempt at the rest:
//! no files, no search, no private channels, one team, one app. It listens on loopback only and its people sign in by choosing who they are.
//!
//! It knows nothing of Gantry: any bot can connect. Start one with [`Workspace::start`], act as people with [`Client`].

mod answers;
mod api;
mod client;
mod control;
mod directory;
mod draft;
mod grants;
mod hub;
mod ids;
mod limits;
mod page;
mod reply;
mod secrets;
mod seed;
mod socket;
mod state;
mod typed;
mod view;
mod wire;
mod workspace;

pub use client::{Client, ClientError, Events, Numbered};
pub use hub::{ApiCall, Clock, Watch};
pub use ids::{NotATs, Ts};
pub use secrets::{Secrets, SecretsError};
pub use seed::{Members, Seed, SeedApp, SeedChannel, SeedGroup, SeedPerson, SeedShortcut, Standing};
pub use socket::Timings;
pub use state::LogError;
pub use view::Verdict;
pub use wire::{
    Action, AppInfo, BotProfile, ChannelInfo, Close, Edited, Event, Fault, GroupInfo, Home, Mark, Message, Modal,
    PersonInfo, React, Reaction, Say, Shortcut, ShortcutInfo, Shut, Shutting, Slash, State, Submit, Trigger, Visit,
};
pub use workspace::{Running, Workspace, WorkspaceConfig, WorkspaceError};
