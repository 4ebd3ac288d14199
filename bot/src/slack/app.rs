//! What the app is at Slack: its scopes, with what would be missing without each, its events, commands and shortcuts. One
//! table for the manifest that makes the app and for the check of the one that is there.

use super::heard::ABOUT;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The command that everything can be said behind.
const COMMAND: &str = "/gantry";

/// A right of the bot's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// As Slack calls it.
    pub name: &'static str,
    /// What isn't there without it.
    pub without: &'static str,
}

/// Every right that the bot's token needs (docs.slack.dev, "Scopes", and each method's page).
const SCOPES: [Scope; 11] = [
    Scope { name: "commands", without: "the command /gantry and the shortcuts" },
    Scope { name: "chat:write", without: "every answer and every card" },
    Scope { name: "app_mentions:read", without: "mentions, and so everything that is said in threads" },
    Scope { name: "im:history", without: "direct messages to the bot" },
    Scope { name: "im:write", without: "being told by direct message where a channel can't be written" },
    Scope { name: "channels:read", without: "channels by name, in project files" },
    Scope { name: "groups:read", without: "private channels by name, in project files" },
    Scope { name: "channels:history", without: "finding a message again whose reply was lost" },
    Scope { name: "groups:history", without: "the same in private channels" },
    Scope { name: "usergroups:read", without: "rules and votes for user groups" },
    Scope { name: "users:read", without: "names and time zones, and telling guests from members" },
];

/// Events that the bot listens to.
const EVENTS: [&str; 3] = ["app_mention", "message.im", "app_home_opened"];

/// The scopes that a token lacks.
#[must_use]
pub fn missing(granted: &BTreeSet<String>) -> Vec<Scope> {
    SCOPES.into_iter().filter(|scope| !granted.contains(scope.name)).collect()
}

/// The app's manifest (docs.slack.dev, "App manifest reference"). With an address, Slack sends signed requests there;
/// without one the bot opens sockets.
#[must_use]
pub fn manifest(address: Option<&str>) -> Value {
    let url = |path: &str| address.map(|address| format!("{}/slack/{path}", address.trim_end_matches('/')));
    let mut command = json!({
        "command": COMMAND,
        "description": "Environments from chat, with an end",
        "usage_hint": "deploy web to dev for 8h",
        "should_escape": true,
    });
    let mut events = json!({ "bot_events": EVENTS });
    let mut interactivity = json!({ "is_enabled": true });
    for (part, key, path) in [
        (&mut command, "url", "commands"),
        (&mut events, "request_url", "events"),
        (&mut interactivity, "request_url", "interactions"),
    ] {
        if let Some(url) = url(path) {
            part[key] = url.into();
        }
    }
    json!({
        "display_information": {
            "name": "Gantry",
            "description": "Runs container environments from chat",
            "background_color": "#1f2d3d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": true,
                "messages_tab_enabled": true,
                "messages_tab_read_only_enabled": false,
            },
            "bot_user": { "display_name": "gantry", "always_online": true },
            "slash_commands": [command],
            "shortcuts": [{
                "name": "What is this operation?",
                "type": "message",
                "callback_id": ABOUT,
                "description": "How it is, and what happened to it",
            }],
        },
        "oauth_config": { "scopes": { "bot": SCOPES.map(|scope| scope.name) } },
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": false,
            "socket_mode_enabled": address.is_none(),
            "token_rotation_enabled": false,
        },
    })
}

/// The page at Slack that makes the app of a manifest with one click.
#[must_use]
pub fn link(manifest: &Value) -> String {
    let manifest: String = form_urlencoded::byte_serialize(manifest.to_string().as_bytes()).collect();
    format!("https://api.slack.com/apps?new_app=1&manifest_json={manifest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_has_sockets_or_addresses() {
        let sockets = manifest(None);
        assert_eq!(sockets["settings"]["socket_mode_enabled"], true);
        assert!(!sockets.to_string().contains("url"));
        let http = manifest(Some("https://gantry.example/"));
        assert_eq!(http["settings"]["socket_mode_enabled"], false);
        for (pointer, path) in [
            ("/features/slash_commands/0/url", "commands"),
            ("/settings/event_subscriptions/request_url", "events"),
            ("/settings/interactivity/request_url", "interactions"),
        ] {
            assert_eq!(http.pointer(pointer), Some(&format!("https://gantry.example/slack/{path}").into()));
        }
        // Limits of the manifest reference.
        assert!(http["display_information"]["description"].as_str().is_some_and(|text| text.len() <= 140));
    }

    #[test]
    fn what_is_missing_is_named_with_what_it_costs() {
        let mut granted: BTreeSet<String> = SCOPES.iter().map(|scope| scope.name.to_owned()).collect();
        assert_eq!(missing(&granted), []);
        granted.remove("users:read");
        assert_eq!(missing(&granted).iter().map(|scope| scope.name).collect::<Vec<_>>(), ["users:read"]);
    }
}
