//! Acting as people on modals, Home tabs and menus.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Body;
use super::error::ControlError;
use super::people::{Answer, channel, clicked, find_button, interaction, no_message, person, trigger};
use crate::directory::{Channel, Directory, Person};
use crate::draft::{Cause, Draft};
use crate::hub::Hub;
use crate::ids::Ts;
use crate::state::{Change, Kind};
use crate::view::{Verdict, fill};
use crate::wire::interactive::{self, Doer};
use crate::wire::{self, Action, Close, Home, Modal, React, Shortcut, Submit, Trigger, Visit, payload};

fn doer<'a>(hub: &'a Hub, person: &'a Person) -> Doer<'a> {
    Doer { directory: &hub.directory, verification: &hub.secrets.verification_token, person }
}

/// What happens in views happens, where words are needed for it, in the person's conversation with the app.
fn cause(hub: &Hub, person: &Person, what: &Value) -> Cause {
    let channel = hub.directory.dm(&person.id).map(|channel| channel.id.clone()).unwrap_or_default();
    let what = what.as_str().unwrap_or_default().to_owned();
    Cause { user: person.id.clone(), channel, thread_ts: None, what }
}

/// The modal that a person has before them, under that id.
fn modal<'a>(draft: &Draft<'a>, person: &Person, id: &str) -> Result<&'a Value, ControlError> {
    let on_top = draft.model.modals(&person.id).last().filter(|view| view["id"] == id);
    on_top.ok_or_else(|| ControlError::not_found("view_not_found", format!("they have no modal {id} before them")))
}

/// `POST /_/submit`: answers once the app did, or didn't in time.
pub(super) async fn submit(State(hub): State<Arc<Hub>>, Body(submit): Body<Submit>) -> Answer<Verdict> {
    let person = person(&hub.directory, &submit.who)?;
    let sent = hub.commit(|draft| {
        let mut view = modal(draft, person, &submit.view_id)?.clone();
        let state = match fill(&view, &submit.values) {
            Ok(state) => state,
            Err(errors) => return Ok::<_, ControlError>(Err(errors)),
        };
        view["state"] = state;
        let payload = doer(&hub, person).submission(&view, &trigger(&hub, person));
        let envelope_id = draft.deliver(Kind::Interactive, payload, cause(&hub, person, &view["title"]["text"]));
        // It goes out only after this, so nobody can answer before somebody waits.
        Ok(Ok(hub.answers.wait(&envelope_id)))
    })?;
    Ok(Json(match sent {
        Ok(verdict) => verdict.await.unwrap_or_else(|_| Verdict::trouble()),
        Err(errors) => Verdict { errors, trouble: None },
    }))
}

/// `POST /_/close`
pub(super) async fn close(State(hub): State<Arc<Hub>>, Body(close): Body<Close>) -> Answer<Value> {
    let person = person(&hub.directory, &close.who)?;
    hub.commit(|draft| {
        let view = modal(draft, person, &close.view_id)?;
        // Page: "Modal view", `clear_on_close` and `notify_on_close`.
        let all = close.all || view["clear_on_close"] == true;
        let stack = draft.model.modals(&person.id);
        let gone: Vec<&Value> = if all { stack.iter().collect() } else { vec![view] };
        for view in gone.iter().filter(|view| view["notify_on_close"] == true) {
            let payload = doer(&hub, person).closed(view, all);
            draft.deliver(Kind::Interactive, payload, cause(&hub, person, &view["title"]["text"]));
        }
        let views = gone.iter().filter_map(|view| view["id"].as_str()).map(str::to_owned).collect();
        draft.push(Change::Unmodal { user: person.id.clone(), views });
        Ok::<_, ControlError>(())
    })?;
    Ok(Json(json!({})))
}

/// A click in a modal or a Home tab.
pub(super) fn click(hub: &Hub, action: &Action, view_id: &str) -> Result<Trigger, ControlError> {
    let person = person(&hub.directory, &action.who)?;
    hub.commit(|draft| {
        let home = draft.model.homes().get(&person.id).filter(|view| view["id"] == view_id);
        let view = home.map_or_else(|| modal(draft, person, view_id), Ok)?;
        let blocks = view["blocks"].as_array().map_or(&[][..], Vec::as_slice);
        let (block_id, button) = find_button(blocks, action, "that view")?;
        let trigger_id = trigger(hub, person);
        let clicked = clicked(&block_id, button, draft.ts());
        let payload = doer(hub, person).click(view, &clicked, &trigger_id);
        draft.deliver(Kind::Interactive, payload, cause(hub, person, &button["text"]["text"]));
        Ok(Trigger { trigger_id })
    })
}

#[derive(Deserialize)]
pub(super) struct Whose {
    #[serde(rename = "as")]
    who: String,
}

/// `GET /_/home`
pub(super) async fn home(State(hub): State<Arc<Hub>>, Query(whose): Query<Whose>) -> Answer<Home> {
    let person = person(&hub.directory, &whose.who)?;
    Ok(Json(Home { view: hub.read(|model| model.homes().get(&person.id).cloned()) }))
}

/// `GET /_/modal`
pub(super) async fn look(State(hub): State<Arc<Hub>>, Query(whose): Query<Whose>) -> Answer<Modal> {
    let person = person(&hub.directory, &whose.who)?;
    Ok(Json(Modal { view: hub.read(|model| model.modals(&person.id).last().cloned()) }))
}

/// `POST /_/home`: the person looks at it, and the app is told if it wants to be.
pub(super) async fn visit(State(hub): State<Arc<Hub>>, Body(visit): Body<Visit>) -> Answer<Home> {
    let person = person(&hub.directory, &visit.who)?;
    let about = &hub.directory.app.about;
    let view = hub.commit(|draft| {
        let view = draft.model.homes().get(&person.id).cloned();
        if about.events.iter().any(|event| event == "app_home_opened") {
            let cause = cause(&hub, person, &json!("app_home_opened"));
            let event = interactive::home_opened(&person.id, &cause.channel, draft.ts(), view.as_ref());
            let verification = &hub.secrets.verification_token;
            let payload = payload::event_callback(&hub.directory, verification, &hub.mint.id("Ev"), &event);
            draft.deliver(Kind::EventsApi, payload, cause);
        }
        Ok::<_, ControlError>(view)
    })?;
    Ok(Json(Home { view }))
}

/// `POST /_/shortcut`
pub(super) async fn shortcut(State(hub): State<Arc<Hub>>, Body(shortcut): Body<Shortcut>) -> Answer<Trigger> {
    let person = person(&hub.directory, &shortcut.who)?;
    let offered = offered(&hub.directory, &shortcut)?;
    let place = match &shortcut.channel {
        Some(name) if shortcut.message_ts.is_some() => Some(channel(&hub.directory, name, &person.id)?),
        _ => None,
    };
    let trigger_id = hub.commit(|draft| match (place, shortcut.message_ts) {
        (Some(channel), Some(ts)) => on_message(draft, (person, channel), ts, offered),
        _ => {
            let trigger_id = trigger(&hub, person);
            let payload = doer(&hub, person).shortcut(offered, draft.ts(), &trigger_id);
            draft.deliver(Kind::Interactive, payload, cause(&hub, person, &json!(offered)));
            Ok::<_, ControlError>(trigger_id)
        }
    })?;
    Ok(Json(Trigger { trigger_id }))
}

fn offered<'a>(directory: &'a Directory, wanted: &Shortcut) -> Result<&'a str, ControlError> {
    let all = &directory.app.about.shortcuts;
    let found = all.iter().find(|shortcut| {
        shortcut.callback_id == wanted.callback_id && shortcut.on_messages == wanted.message_ts.is_some()
    });
    let none = || ControlError::not_found("no_such_shortcut", format!("no menu offers {:?} there", wanted.callback_id));
    found.map(|shortcut| shortcut.callback_id.as_str()).ok_or_else(none)
}

fn on_message(
    draft: &mut Draft<'_>,
    (person, channel): (&Person, &Channel),
    ts: Ts,
    callback_id: &str,
) -> Result<String, ControlError> {
    let hub = draft.hub;
    let post = draft.model.message(&channel.id, ts).filter(|post| post.visible_to(&person.id));
    let post = post.ok_or_else(|| no_message(ts))?;
    let ids = interaction(hub, person, channel, Some(post));
    let doer = doer(hub, person);
    let shown = wire::render(&hub.directory, draft.model, post);
    let payload = doer.shortcut(callback_id, draft.ts(), &ids.trigger_id);
    let payload = doer.message_action(payload, (channel, &shown), &ids.response_url);
    let cause = Cause {
        user: person.id.clone(),
        channel: channel.id.clone(),
        thread_ts: post.thread_ts,
        what: callback_id.to_owned(),
    };
    draft.deliver(Kind::Interactive, payload, cause);
    Ok(ids.trigger_id)
}

/// `POST /_/react`: puts an emoji under a message, or takes it away.
pub(super) async fn react(State(hub): State<Arc<Hub>>, Body(react): Body<React>) -> Answer<Value> {
    let person = person(&hub.directory, &react.who)?;
    let channel = channel(&hub.directory, &react.channel, &person.id)?;
    hub.commit(|draft| {
        let post = draft.model.message(&channel.id, react.message_ts).filter(|post| post.only_for.is_none());
        let post = post.ok_or_else(|| no_message(react.message_ts))?;
        let there = post.reactions.iter().any(|r| r.name == react.name && r.users.contains(&person.id));
        let (channel, ts, reaction, user) = (channel.id.clone(), post.ts, react.name.clone(), person.id.clone());
        draft.push(match there {
            true => Change::Unreacted { channel, ts, reaction, user },
            false => Change::Reacted { channel, ts, reaction, user },
        });
        Ok::<_, ControlError>(())
    })?;
    Ok(Json(json!({})))
}
