//! Shapes: Slack's published ones, those of whole organisations, and those that nobody has seen yet.
//!
//! What Slack published lies beside the repository where it is at hand, and is read from there.

use super::*;
use crate::intake::{Incoming, Way};
use std::fs;
use std::path::{Path, PathBuf};

const ME: &str = "UBOT";

fn words(arrival: Option<Arrival>) -> Option<(Way, String, String)> {
    match arrival? {
        Arrival::Words(_, Incoming { way, user, text, .. }) => Some((way, user.to_string(), text)),
        other => panic!("no words: {other:?}"),
    }
}

fn by_event(event: &Value) -> Option<Arrival> {
    super::event(json!({ "type": "event_callback", "event": event }), &UserId::new(ME))
}

#[test]
fn an_organisations_installation_is_understood() {
    let command = json!({
        "trigger_id": "1.2", "team_id": null, "enterprise_id": "E1", "is_enterprise_install": "true",
        "user_id": "W1", "channel_id": "C1", "text": "status",
    });
    let heard = known("command", command).map(Command::heard);
    assert_eq!(words(heard), Some((Way::Command, "W1".to_owned(), "status".to_owned())));
    let click = json!({
        "type": "block_actions", "trigger_id": "1.3", "team": null, "enterprise": { "id": "E1", "name": "Org" },
        "is_enterprise_install": true, "user": { "id": "W1", "team_id": null }, "channel": { "id": "C1" },
        "actions": [{ "type": "users_select", "selected_user": "W2" }, { "type": "button", "value": "-|status dev" }],
    });
    assert_eq!(words(interactive(click)), Some((Way::Click, "W1".to_owned(), "status dev".to_owned())));
    let mention = json!({
        "type": "app_mention", "user": "W1", "channel": "C1", "ts": "1.4", "text": "<@UBOT> status",
        "team": null, "user_team": "E1", "source_team": "E1",
    });
    assert_eq!(words(by_event(&mention)), Some((Way::Mention, "W1".to_owned(), "<@UBOT> status".to_owned())));
    let form = json!({
        "type": "view_submission", "team": null, "user": { "id": "W1" },
        "view": { "id": "V1", "callback_id": null, "private_metadata": null, "state": null, "team_id": null },
    });
    assert!(matches!(interactive(form), Some(Arrival::Form(form)) if form.user.as_str() == "W1" && form.view == "V1"));
}

#[test]
fn what_is_needed_is_enough_whatever_else_is_there() {
    let odd = || json!([{ "odd": true }]);
    let command =
        json!({ "trigger_id": "1.2", "user_id": "U1", "channel_id": "C1", "text": null, "token": odd(), "new": odd() });
    assert_eq!(
        words(known("command", command).map(Command::heard)),
        Some((Way::Command, "U1".to_owned(), String::new()))
    );
    let click = json!({
        "type": "block_actions", "trigger_id": "1.3", "user": { "id": "U1", "name": odd() }, "channel": { "id": "C1" },
        "container": { "thread_ts": "5.6", "is_ephemeral": true, "message_ts": "7.8", "type": odd() },
        "state": odd(), "actions": [{ "value": odd() }, { "value": "-|status dev", "type": odd() }],
    });
    let Some(Arrival::Words(_, incoming)) = interactive(click) else { panic!("it is a click") };
    assert_eq!(incoming.thread.map(|ts| ts.to_string()).as_deref(), Some("5.6"), "an ephemeral message's thread");
}

#[test]
fn what_is_in_no_known_shape_is_given_up_and_nothing_else() {
    assert!(known::<Command>("command", json!({ "trigger_id": 5 })).is_none());
    for payload in [json!({}), json!({ "type": 7 }), json!({ "type": "block_actions", "user": "U1" })] {
        assert!(interactive(payload).is_none());
    }
    for event in [Value::Null, json!({ "type": "app_mention" }), json!({ "type": "message", "ts": 5 })] {
        assert!(by_event(&event).is_none());
    }
    assert!(super::event(json!({ "type": "app_rate_limited" }), &UserId::new(ME)).is_none());
}

/// Slack's published payloads, with their names.
fn published() -> Vec<(String, String)> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/slack/vectors");
    let folders = ["http", "socket_mode", "shapes"].map(|folder| vectors.join(folder));
    let files = folders.into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let name = |file: &Path| file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).expect("a text"))).collect()
}

/// Which of them are something to us. All others parse, and are nothing to a bot that has no such buttons.
const HEARD: [(&str, Way); 7] = [
    ("AppMentionPayload.json", Way::Mention),
    ("SlashCommandPayload.json", Way::Command),
    ("envelope_events_api_app_mention.json", Way::Mention),
    ("envelope_slash_commands.json", Way::Command),
    ("event_app_mention.json", Way::Mention),
    ("event_message_im_in_thread.json", Way::Direct),
    ("slash_command.form.txt", Way::Command),
];

#[test]
fn everything_that_slack_published_is_known() {
    let all = published();
    if all.is_empty() {
        eprintln!("skipped: Slack's published payloads aren't here");
        return;
    }
    let mut heard = Vec::new();
    for (name, text) in all {
        let Ok(mut payload) = serde_json::from_str::<Value>(&text) else {
            let command: Command = serde_urlencoded::from_str(&text).expect("the only one that isn't JSON is a form");
            heard.extend(words(Some(command.heard())).map(|(way, ..)| (name, way)));
            continue;
        };
        if payload["envelope_id"].is_string() {
            payload = payload["payload"].take();
        }
        // The shapes that are filled with blanks leave this one blank, too.
        if payload["event"].is_object() {
            payload["type"] = "event_callback".into();
        }
        let kind = payload["type"].as_str().unwrap_or_default().to_owned();
        let me = UserId::new(ME);
        let arrival = match kind.as_str() {
            "" => Some(known::<Command>("command", payload).unwrap_or_else(|| panic!("{name}: no command")).heard()),
            // Frames that say something about the socket itself, and notices about the app.
            "hello" | "disconnect" => None,
            "url_verification" => {
                assert!(challenge(&payload).is_some(), "{name}");
                None
            }
            "event_callback" => {
                let event = payload["event"].clone();
                known::<event::Event>("event", event).unwrap_or_else(|| panic!("{name}: no event"));
                super::event(payload, &me)
            }
            _ => {
                let known = known::<interaction::Interaction>("interaction", payload);
                known.unwrap_or_else(|| panic!("{name}: no interaction")).heard()
            }
        };
        if let Some(Arrival::Words(_, incoming)) = arrival {
            heard.push((name, incoming.way));
        }
    }
    heard.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(heard, HEARD.map(|(name, way)| (name.to_owned(), way)));
}

#[test]
fn a_log_says_what_was_expected_and_not_what_was_there() {
    let told = |payload: Value| why(&serde_json::from_value::<Id>(payload).err().unwrap());
    assert_eq!(told(json!({ "id": 7_193_711 })), "expected a string");
    assert_eq!(told(json!("what, expected by nobody")), "expected struct Id");
    assert_eq!(told(json!({})), "missing field `id`");
}
