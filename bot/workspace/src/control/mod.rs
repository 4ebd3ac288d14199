//! The control API: how the page, the command line and tests act as people. Guarded by a token and by where requests come from.

mod error;
mod events;
mod guard;
mod people;
mod read;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequest, Request};
use axum::middleware;
use axum::routing::{get, post};

use crate::hub::Hub;
use error::ControlError;
pub(crate) use guard::local_only;

/// A JSON body, whose errors are ours to word.
struct Body<T>(T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let bytes = bytes::Bytes::from_request(request, state).await.map_err(|error| ControlError::invalid(&error))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| ControlError::invalid(&error))
    }
}

/// Everything under `/_/`.
pub(crate) fn routes(hub: Arc<Hub>) -> Router<Arc<Hub>> {
    Router::new()
        .route("/message", post(people::message))
        .route("/command", post(people::command))
        .route("/click", post(people::click))
        .route("/disconnect", post(people::disconnect))
        .route("/faults", post(people::fault))
        .route("/shut", post(people::shut))
        .route("/state", get(read::state))
        .route("/messages", get(read::messages))
        .route("/home", get(views::home).post(views::visit))
        .route("/modal", get(views::look))
        .route("/submit", post(views::submit))
        .route("/close", post(views::close))
        .route("/shortcut", post(views::shortcut))
        .route("/react", post(views::react))
        .route("/events", get(events::events))
        .layer(middleware::from_fn_with_state(hub, guard::token))
}
