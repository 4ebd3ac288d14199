//! Answers outside the Web API: in the acknowledgement of a command, or posted to a response address
//! (page: Handling user interaction, "Message responses").

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::draft::{Content, Draft, Place};
use crate::hub::Hub;
use crate::state::LogError;

/// What the app answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    text: String,
    blocks: Vec<Value>,
    response_type: String,
    replace_original: bool,
    delete_original: bool,
}

impl Answer {
    /// `None` where there is nothing to say.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        let answer: Self = serde_json::from_value(value.clone()).ok()?;
        (!answer.text.is_empty() || !answer.blocks.is_empty() || answer.delete_original).then_some(answer)
    }

    fn content(self) -> Content {
        Content { text: self.text, blocks: self.blocks, ..Content::default() }
    }
}

/// Says it: to the one who asked, unless it is meant for the channel.
pub(crate) fn answer(draft: &mut Draft<'_>, place: Place<'_>, user: &str, answer: Answer) {
    let place = if answer.response_type == "in_channel" { place } else { place.only_for(user) };
    draft.post_as_bot(place, answer.content());
}

/// `POST /hooks/{key}`
pub(crate) async fn hook(State(hub): State<Arc<Hub>>, Path(key): Path<String>, body: Bytes) -> Response {
    let refused = |code: &'static str| (StatusCode::NOT_FOUND, code).into_response();
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, "invalid_payload").into_response();
    };
    let Some(said) = Answer::parse(&value) else {
        return (StatusCode::BAD_REQUEST, "no_text").into_response();
    };
    let grant = match hub.grants.use_response(&key, hub.now()) {
        Ok(grant) => grant,
        Err(code) => return refused(code),
    };
    let Some(channel) = hub.directory.channel(&grant.channel) else { return refused("channel_not_found") };
    let done = hub.commit(|draft| {
        let original = grant.message.and_then(|ts| draft.model.message(&grant.channel, ts));
        match original {
            Some(old) if said.delete_original => draft.delete(old),
            Some(old) if said.replace_original => {
                draft.edit(old, said.content());
            }
            _ => answer(draft, Place::new(channel, grant.thread_ts), &grant.user, said),
        }
        Ok::<_, LogError>(())
    });
    match done {
        Ok(()) => (StatusCode::OK, "ok").into_response(),
        Err(error) => {
            tracing::error!(%error, "failed to keep an answer");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal_error").into_response()
        }
    }
}
