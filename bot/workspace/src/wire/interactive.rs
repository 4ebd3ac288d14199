//! What the app receives of modals, Home tabs and shortcuts (vectors: `http/view_submission.json`, `http/view_closed.json`,
//! `socket_mode/envelope_interactive_shortcut.json`, `shapes/AppHomeOpenedPayload.json`; page: "Shortcuts interaction payload").

use serde_json::{Value, json};

use super::message::Message;
use crate::directory::{Channel, Directory, Person};
use crate::ids::Ts;

/// Who did something, in which team: what each of these payloads begins with.
pub(crate) struct Doer<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) verification: &'a str,
    pub(crate) person: &'a Person,
}

impl Doer<'_> {
    fn payload(&self, kind: &str) -> Value {
        json!({
            "type": kind,
            "team": { "id": self.directory.team_id, "domain": self.directory.domain },
            "user": {
                "id": self.person.id,
                "username": self.person.name,
                "name": self.person.name,
                "team_id": self.directory.team_id,
            },
            "api_app_id": self.directory.app.id,
            "token": self.verification,
            "enterprise": null,
            "is_enterprise_install": false,
        })
    }

    pub(crate) fn submission(&self, view: &Value, trigger_id: &str) -> Value {
        let mut payload = self.payload("view_submission");
        payload["trigger_id"] = json!(trigger_id);
        payload["view"] = view.clone();
        payload["response_urls"] = json!([]);
        payload
    }

    pub(crate) fn closed(&self, view: &Value, all: bool) -> Value {
        let mut payload = self.payload("view_closed");
        payload["view"] = view.clone();
        payload["is_cleared"] = json!(all);
        payload
    }

    /// A click in a view: there is no message and no channel (page: "block_actions payload").
    pub(crate) fn click(&self, view: &Value, action: &Value, trigger_id: &str) -> Value {
        let mut payload = self.payload("block_actions");
        payload["container"] = json!({ "type": "view", "view_id": view["id"] });
        payload["trigger_id"] = json!(trigger_id);
        payload["view"] = view.clone();
        payload["actions"] = json!([action]);
        payload
    }

    pub(crate) fn shortcut(&self, callback_id: &str, at: Ts, trigger_id: &str) -> Value {
        let mut payload = self.payload("shortcut");
        payload["callback_id"] = json!(callback_id);
        payload["action_ts"] = json!(at);
        payload["trigger_id"] = json!(trigger_id);
        payload
    }

    pub(crate) fn message_action(
        &self,
        shortcut: Value,
        (channel, message): (&Channel, &Message),
        response_url: &str,
    ) -> Value {
        let mut payload = shortcut;
        payload["type"] = json!("message_action");
        payload["channel"] = json!({ "id": channel.id, "name": channel.name });
        payload["message_ts"] = json!(message.ts);
        payload["message"] = json!(message);
        payload["response_url"] = json!(response_url);
        payload
    }
}

/// Somebody looks at the Home tab (page: "app_home_opened event").
pub(crate) fn home_opened(user: &str, channel: &str, at: Ts, view: Option<&Value>) -> Value {
    let mut event =
        json!({ "type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": at });
    if let Some(view) = view {
        event["view"] = view.clone();
    }
    event
}
