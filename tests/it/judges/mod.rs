//! Everything that is sent to Slack, before judges that nobody here wrote: the validators of Slack's Python SDK, its types for
//! TypeScript, and its pages about methods.
//!
//! To have everything, the stories of this binary are told once more, by itself, with each call to the Web API written down.

mod pages;
mod sdk;
mod types;

use gantry_tests::calls::{self, Called};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use tokio::process::Command;

/// What has no town here to listen in (real programs, with workspaces of their own), or says the same a thousand times.
const LEFT_OUT: [&str; 10] = [
    "away::",
    "canaries::",
    "floods::",
    "judges::",
    "killed::",
    "local_slack::",
    "outside::",
    "races::",
    "real::",
    "rooms::",
];

/// Blocks of a message, or a view, as they were sent; with their method.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Blocks(Value),
    View(Value),
}

impl Shape {
    fn of(call: &Called) -> Option<Self> {
        match (call.args.get("blocks"), call.args.get("view")) {
            (Some(blocks), _) => Some(Self::Blocks(blocks.clone())),
            (None, Some(view)) => Some(Self::View(view.clone())),
            (None, None) => None,
        }
    }
}

/// Tells all stories, and gives what was asked of the Web API.
async fn told() -> Vec<Called> {
    let dir = tempfile::tempdir().unwrap();
    let mut stories = Command::new(std::env::current_exe().unwrap());
    stories.args(LEFT_OUT.iter().flat_map(|name| ["--skip", name])).args(["--test-threads", "2"]);
    stories.env(calls::KEEP, dir.path()).stdin(Stdio::null()).kill_on_drop(true);
    let told = stories.output().await.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    calls::kept(dir.path())
}

#[tokio::test]
async fn everything_that_is_sent_passes() {
    let calls = told().await;
    let mut methods = BTreeMap::new();
    for call in &calls {
        *methods.entry(call.method.as_str()).or_insert(0) += 1;
    }
    let everything = [
        ("chat.postMessage", 400),
        ("chat.update", 400),
        ("chat.postEphemeral", 50),
        ("views.open", 5),
        ("views.publish", 5),
        ("conversations.list", 1),
        ("users.info", 1),
        ("usergroups.list", 1),
    ];
    for (method, least) in everything {
        assert!(methods.get(method).is_some_and(|count| *count >= least), "{method}: too few in {methods:?}");
    }
    let faults: Vec<String> = calls.iter().flat_map(pages::faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let shapes: Vec<Shape> = calls.iter().filter_map(Shape::of).collect();
    sdk::judge(&shapes).await.unwrap_or_else(|words| panic!("{words}"));
    types::judge(&shapes).await.unwrap_or_else(|words| panic!("{words}"));
}

/// Something right of each kind, and the same with one fault each that a judge must see.
fn message(fault: &str) -> Shape {
    let mut button = json!({ "type": "button", "action_id": "go", "value": "x", "style": "primary",
        "text": { "type": "plain_text", "text": "Go" } });
    let header = if fault == "a long header" { "x".repeat(151) } else { "x".to_owned() };
    match fault {
        "a style that isn't one" => button["style"] = "blue".into(),
        "a field that isn't one" => button["colour"] = "blue".into(),
        "a button without a text" => drop(button.as_object_mut().unwrap().remove("text")),
        _ => {}
    }
    Shape::Blocks(json!([
        { "type": "header", "text": { "type": "plain_text", "text": header } },
        { "type": "actions", "elements": [button] },
    ]))
}

fn view(kind: &str, fault: &str) -> Shape {
    let mut view = json!({ "type": kind, "blocks": [{ "type": "divider" }] });
    if kind == "modal" {
        let title = if fault == "a long title" { "x".repeat(25) } else { "x".to_owned() };
        view["title"] = json!({ "type": "plain_text", "text": title });
    }
    match fault {
        "a block that isn't one" => view["blocks"][0]["type"] = "line".into(),
        "a view without blocks" => drop(view.as_object_mut().unwrap().remove("blocks")),
        _ => {}
    }
    Shape::View(view)
}

#[tokio::test]
async fn the_judges_see_what_is_wrong() {
    let right = [message(""), view("modal", ""), view("home", "")];
    sdk::judge(&right).await.unwrap();
    types::judge(&right).await.unwrap();
    for fault in ["a long header", "a style that isn't one", "a button without a text"] {
        sdk::judge(&[message(fault)]).await.expect_err(fault);
    }
    for fault in ["a long title", "a block that isn't one"] {
        sdk::judge(&[view("modal", fault)]).await.expect_err(fault);
    }
    let wrong = ["a style that isn't one", "a field that isn't one", "a button without a text"].map(message);
    let bare = ["modal", "home"].map(|kind| view(kind, "a view without blocks"));
    let strange = ["modal", "home"].map(|kind| view(kind, "a block that isn't one"));
    let wrong = [&wrong[..], &bare, &strange].concat();
    let words = types::judge(&wrong).await.unwrap_err();
    for name in 0..wrong.len() {
        assert!(words.contains(&format!("shape{name}.ts")), "number {name} isn't in {words}");
    }
}

#[test]
fn pages_see_what_is_wrong() {
    let call = |method: &str, args: Value, json: bool| {
        let method = method.to_owned();
        pages::faults(&Called { method, json, args: args.as_object().unwrap().clone() })
    };
    if !pages::are_here() {
        return;
    }
    let post = json!({ "channel": "C1", "text": "x", "blocks": [], "unfurl_links": false });
    assert_eq!(call("chat.postMessage", post.clone(), true), [""; 0]);
    for (name, value, fault) in [
        ("colour", json!("blue"), "chat.postMessage: there is no argument colour"),
        ("unfurl_links", json!("no"), "chat.postMessage: unfurl_links can't be \"no\""),
        ("channel", json!(null), "chat.postMessage: channel can't be null"),
        ("text", json!(7), "chat.postMessage: text can't be 7"),
    ] {
        let mut wrong = post.clone();
        wrong[name] = value;
        assert_eq!(call("chat.postMessage", wrong, true), [fault]);
    }
    assert_eq!(call("chat.postMessage", json!({ "text": "x" }), true), ["chat.postMessage: channel is missing"]);
    assert_eq!(call("users.info", json!({ "user": "U1" }), true), ["users.info takes no JSON"]);
    assert_eq!(call("conversations.history", json!({ "channel": "C1", "limit": "100" }), false), [""; 0]);
    let few = call("conversations.history", json!({ "channel": "C1", "limit": "few" }), false);
    assert_eq!(few, ["conversations.history: limit can't be \"few\""]);
    assert_eq!(
        call("conversations.list", json!({ "sort": "name" }), false),
        ["conversations.list: there is no argument sort"]
    );
    assert_eq!(call("chat.shout", json!({}), false), ["chat.shout: there is no page about it"]);
}
