//! Modals, Home tabs and menus, as people and the app meet in them.

use gantry_workspace::{Action, Close, React, SeedShortcut, Shortcut, Submit, Verdict};
use serde_json::{Value, json};

use crate::bed::{Bed, Socket, quick};
use crate::vectors::assert_like;

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text })
}

pub(crate) fn modal(title: &str) -> Value {
    json!({
        "type": "modal", "callback_id": "deploy", "private_metadata": "kept", "title": plain(title), "submit": plain("Do it"),
        "blocks": [{ "type": "input", "block_id": "why", "label": plain("Why"),
            "element": { "type": "plain_text_input", "action_id": "text" } }],
    })
}

/// What a person's command lets the app do.
async fn trigger(bed: &Bed) -> String {
    bed.people.command(&crate::commands::slash("status")).await.unwrap().trigger_id
}

/// A modal that the app opened for the developer, by its id.
async fn opened(bed: &Bed, view: Value) -> String {
    let trigger = trigger(bed).await;
    let answer = bed.ok("views.open", json!({ "trigger_id": trigger, "view": view })).await;
    answer["view"]["id"].as_str().unwrap().to_owned()
}

fn filled(view_id: &str, why: &str) -> Submit {
    let values = json!({ "why": why }).as_object().unwrap().clone();
    Submit { who: "developer".into(), view_id: view_id.to_owned(), values }
}

/// Sends it off, and lets the app answer.
async fn submit(bed: &Bed, socket: &mut Socket, submit: &Submit, answer: Value) -> (Value, Verdict) {
    let reply = async {
        loop {
            let envelope = socket.next().await;
            if envelope["payload"]["type"] == "view_submission" {
                socket.reply(&envelope, answer).await;
                return envelope;
            }
            socket.ack(&envelope).await;
        }
    };
    let (verdict, envelope) = tokio::join!(bed.people.submit(submit), reply);
    (envelope, verdict.unwrap())
}

async fn shown(bed: &Bed) -> Option<String> {
    let view = bed.people.modal("developer").await.unwrap().view?;
    view["title"]["text"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_submission_tells_what_was_filled_in_and_closes_the_modal() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let id = opened(&bed, modal("Deploy")).await;
    assert_eq!(shown(&bed).await.as_deref(), Some("Deploy"));
    let (envelope, verdict) = submit(&bed, &mut socket, &filled(&id, "it is Friday"), Value::Null).await;
    assert!(verdict.is_accepted());
    assert_eq!(envelope["accepts_response_payload"], true);
    let payload = &envelope["payload"];
    assert_eq!(payload["view"]["state"]["values"]["why"]["text"]["value"], "it is Friday");
    assert_eq!((&payload["view"]["id"], &payload["view"]["private_metadata"]), (&json!(id), &json!("kept")));
    let except =
        [".view.app_installed_team_id", ".view.state.values.hspI", ".team.enterprise_id", ".team.enterprise_name"];
    assert_like("http/view_submission.json", payload, &except);
    assert_eq!(shown(&bed).await, None);
    let again = bed.people.submit(&filled(&id, "once more")).await.unwrap_err();
    assert!(again.to_string().contains("no modal"), "{again}");
}

#[tokio::test]
async fn errors_stand_at_their_fields_and_the_modal_stays() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let id = opened(&bed, modal("Deploy")).await;
    let unsent = bed.people.submit(&filled(&id, "")).await.unwrap();
    assert!(unsent.errors["why"].contains("required"), "a client sees that by itself");
    let wrong = json!({ "response_action": "errors", "errors": { "why": "that is no reason" } });
    let (_, verdict) = submit(&bed, &mut socket, &filled(&id, "because"), wrong).await;
    assert_eq!(verdict.errors["why"], "that is no reason");
    assert_eq!(shown(&bed).await.as_deref(), Some("Deploy"));
    let nowhere = json!({ "response_action": "errors", "errors": { "gone": "there is no such field" } });
    let (_, verdict) = submit(&bed, &mut socket, &filled(&id, "because"), nowhere).await;
    assert!(verdict.trouble.is_some());
}

#[tokio::test]
async fn an_answer_can_update_push_and_clear() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let id = opened(&bed, modal("One")).await;
    let step = |action: &str, title: &str| json!({ "response_action": action, "view": modal(title) });
    submit(&bed, &mut socket, &filled(&id, "x"), step("update", "Another")).await;
    assert_eq!(shown(&bed).await.as_deref(), Some("Another"));
    submit(&bed, &mut socket, &filled(&id, "x"), step("push", "Two")).await;
    let top = bed.people.modal("developer").await.unwrap().view.unwrap();
    assert_eq!((&top["root_view_id"], &top["previous_view_id"]), (&json!(id), &json!(id)));
    let top = top["id"].as_str().unwrap().to_owned();
    bed.people.close(&Close { who: "developer".into(), view_id: top, all: false }).await.unwrap();
    assert_eq!(shown(&bed).await.as_deref(), Some("Another"), "what was below is there again");
    submit(&bed, &mut socket, &filled(&id, "x"), step("push", "Two")).await;
    let top = bed.people.modal("developer").await.unwrap().view.unwrap()["id"].as_str().unwrap().to_owned();
    submit(&bed, &mut socket, &filled(&top, "x"), json!({ "response_action": "clear" })).await;
    assert_eq!(shown(&bed).await, None);
}

#[tokio::test]
async fn three_views_at_a_time() {
    let bed = Bed::start().await;
    opened(&bed, modal("One")).await;
    for expected in ["Two", "Three"] {
        let trigger = trigger(&bed).await;
        bed.ok("views.push", json!({ "trigger_id": trigger, "view": modal(expected) })).await;
    }
    let trigger = trigger(&bed).await;
    let refused = bed.call("views.push", json!({ "trigger_id": trigger, "view": modal("Four") })).await;
    assert_eq!(refused["error"], "push_limit_reached");
}

#[tokio::test]
async fn an_app_that_does_not_answer_is_trouble_and_hears_it_once() {
    let bed = Bed::with(|config| config.timings = quick()).await;
    let mut socket = bed.socket().await;
    let id = opened(&bed, modal("Deploy")).await;
    let form = filled(&id, "x");
    let silent = async {
        let mut submissions = 0;
        while !socket.is_quiet().await {
            submissions += 1;
        }
        submissions
    };
    let (verdict, _) = tokio::join!(bed.people.submit(&form), silent);
    assert!(verdict.unwrap().trouble.unwrap().contains("trouble connecting"));
    assert_eq!(shown(&bed).await.as_deref(), Some("Deploy"), "so that it can be tried again");
}

#[tokio::test]
async fn closing_is_told_where_the_app_asked_for_it() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let mut view = modal("Deploy");
    view["notify_on_close"] = json!(true);
    let id = opened(&bed, view).await;
    bed.people.close(&Close { who: "developer".into(), view_id: id, all: false }).await.unwrap();
    let payload = socket.take("interactive").await["payload"].clone();
    assert_eq!((&payload["type"], &payload["is_cleared"]), (&json!("view_closed"), &json!(false)));
    let except = [".view.app_installed_team_id", ".team.enterprise_id", ".team.enterprise_name", ".response_urls"];
    assert_like("http/view_closed.json", &payload, &except);
    assert_eq!(shown(&bed).await, None);
}

#[tokio::test]
async fn a_home_tab_is_told_of_when_it_is_opened_and_its_buttons_are_clicked_without_a_channel() {
    let bed = Bed::start().await;
    let mut socket = bed.socket().await;
    let developer = bed.user("developer").await;
    let empty = bed.people.visit("developer").await.unwrap();
    assert!(empty.view.is_none());
    let event = socket.take("events_api").await["payload"]["event"].clone();
    assert_eq!(
        (&event["type"], &event["user"], &event["tab"]),
        (&json!("app_home_opened"), &json!(developer), &json!("home"))
    );
    assert_eq!(event["channel"], json!(bed.channel("@developer").await));
    let button = json!({ "type": "button", "action_id": "go", "value": "-|status", "text": plain("Status") });
    let home =
        json!({ "type": "home", "private_metadata": "kept", "blocks": [{ "type": "actions", "elements": [button] }] });
    bed.ok("views.publish", json!({ "user_id": developer, "view": home })).await;
    let view = bed.people.visit("developer").await.unwrap().view.unwrap();
    let event = socket.take("events_api").await["payload"]["event"].clone();
    assert_eq!(event["view"]["id"], view["id"]);
    let view_id = view["id"].as_str().map(str::to_owned);
    let click = Action { who: "developer".into(), view_id, label: Some("status".into()), ..Action::default() };
    let trigger = bed.people.click(&click).await.unwrap();
    let payload = socket.take("interactive").await["payload"].clone();
    assert_eq!((&payload["type"], &payload["container"]["type"]), (&json!("block_actions"), &json!("view")));
    assert_eq!((&payload["view"]["type"], &payload["view"]["private_metadata"]), (&json!("home"), &json!("kept")));
    assert!(payload["channel"].is_null() && payload["message"].is_null());
    bed.ok("views.open", json!({ "trigger_id": trigger.trigger_id, "view": modal("Deploy") })).await;
    assert!(bed.people.click(&Action { who: "newcomer".into(), ..click }).await.is_err(), "it isn't theirs");
}

#[tokio::test]
async fn menus_tell_what_was_chosen_and_on_which_message() {
    let anywhere = SeedShortcut { name: "Deploy…".into(), callback_id: "deploy".into(), on_messages: false };
    let bed = Bed::with(|config| config.seed.app.shortcuts.push(anywhere)).await;
    let mut socket = bed.socket().await;
    let ts = bed.post(json!({ "channel": "dev", "text": "a card" })).await;
    let on_message = Shortcut {
        who: "developer".into(),
        callback_id: "about_message".into(),
        channel: Some("dev".into()),
        message_ts: Some(ts),
    };
    bed.people.shortcut(&on_message).await.unwrap();
    let payload = socket.take("interactive").await["payload"].clone();
    assert_eq!((&payload["type"], &payload["message"]["ts"]), (&json!("message_action"), &json!(ts)));
    assert!(payload["response_url"].is_string() && payload["trigger_id"].is_string());
    let anywhere = Shortcut { who: "developer".into(), callback_id: "deploy".into(), ..Shortcut::default() };
    bed.people.shortcut(&anywhere).await.unwrap();
    let envelope = socket.take("interactive").await;
    assert_like("socket_mode/envelope_interactive_shortcut.json", &envelope, &[]);
    let nothing = Shortcut { callback_id: "about_message".into(), ..anywhere };
    assert!(bed.people.shortcut(&nothing).await.unwrap_err().to_string().contains("no menu"));
}

#[tokio::test]
async fn a_reaction_is_taken_back_by_giving_it_again() {
    let bed = Bed::start().await;
    let ts = bed.post(json!({ "channel": "dev", "text": "hi" })).await;
    let react = React { who: "developer".into(), channel: "dev".into(), message_ts: ts, name: "eyes".into() };
    let count = async || bed.people.messages("developer", "dev", None).await.unwrap()[0].reactions.len();
    bed.people.react(&react).await.unwrap();
    assert_eq!(count().await, 1);
    bed.people.react(&react).await.unwrap();
    assert_eq!(count().await, 0);
}
