//! The Web API: one table of methods, one file per family. Each method is a function from arguments to an answer;
//! tokens, scopes, rates and faults are dealt with here, before and after.

mod apps;
mod args;
mod auth;
mod chat;
mod conversations;
mod error;
mod faults;
mod page;
mod rates;
mod reactions;
mod serve;
mod usergroups;
mod users;
mod views;

use serde_json::Value;

use crate::directory::{Channel, Directory};
use crate::hub::Hub;
use crate::wire::Shut;
use args::Args;
use error::ApiError;
pub(crate) use faults::Faults;
pub(crate) use rates::Rates;
pub(crate) use serve::serve;

/// A call on its way.
pub(crate) struct Call<'a> {
    hub: &'a Hub,
    args: &'a Args,
}

type Outcome = Result<Value, ApiError>;

/// Which token a method wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Any,
    Bot,
    App,
}

struct Method {
    name: &'static str,
    token: Token,
    scope: Option<&'static str>,
    run: fn(&Call<'_>) -> Outcome,
}

const fn bot(name: &'static str, scope: &'static str, run: fn(&Call<'_>) -> Outcome) -> Method {
    Method { name, token: Token::Bot, scope: Some(scope), run }
}

const fn free(name: &'static str, token: Token, run: fn(&Call<'_>) -> Outcome) -> Method {
    Method { name, token, scope: None, run }
}

/// All methods. Scopes are those of the vectors `docs_methods/*.json`; where several would do, the one for public channels.
const METHODS: [Method; 23] = [
    free("api.test", Token::None, auth::api_test),
    free("auth.test", Token::Any, auth::auth_test),
    free("apps.connections.open", Token::App, apps::connections_open),
    bot("chat.postMessage", "chat:write", chat::post_message),
    bot("chat.postEphemeral", "chat:write", chat::post_ephemeral),
    bot("chat.update", "chat:write", chat::update),
    bot("chat.delete", "chat:write", chat::delete),
    free("chat.getPermalink", Token::Bot, chat::get_permalink),
    bot("conversations.list", "channels:read", conversations::list),
    bot("conversations.info", "channels:read", conversations::info),
    bot("conversations.members", "channels:read", conversations::members),
    bot("conversations.open", "im:write", conversations::open),
    bot("conversations.history", "channels:history", conversations::history),
    bot("conversations.replies", "channels:history", conversations::replies),
    bot("users.info", "users:read", users::info),
    bot("users.list", "users:read", users::list),
    bot("usergroups.list", "usergroups:read", usergroups::list),
    bot("usergroups.users.list", "usergroups:read", usergroups::users),
    bot("reactions.add", "reactions:write", reactions::add),
    free("views.open", Token::Bot, views::open),
    free("views.push", Token::Bot, views::push),
    free("views.publish", Token::Bot, views::publish),
    free("views.update", Token::Bot, views::update),
];

impl<'a> Call<'a> {
    fn directory(&self) -> &'a Directory {
        &self.hub.directory
    }

    /// The channel named by the argument `channel`. Names are accepted beside ids where Slack does.
    fn channel(&self) -> Result<&'a Channel, ApiError> {
        let which = self.args.get("channel").unwrap_or_default();
        self.directory().channel(&which).ok_or(ApiError::new("channel_not_found"))
    }

    fn bot_is_in(&self, channel: &Channel) -> bool {
        channel.members.contains(&self.directory().app.bot_user) && self.shut(channel) != Some(Shut::Removed)
    }

    fn shut(&self, channel: &Channel) -> Option<Shut> {
        self.hub.read(|model| model.shut(&channel.id))
    }
}
