//! The API over HTTP: parse, ask the world, answer.
//!
//! No decisions. The socket's file permissions are the authorisation: whoever can open it is the user.

use super::clock::now;
use super::logs;
use super::put::not_found;
use super::world::World;
use crate::api::{
    Abort, ApiError, DaemonStatus, ErrorCode, Filter, Kill, LogLine, Put, Removal, Span, Status, Stop, TaskView,
};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRef, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, Notify};

/// What the handlers share.
#[derive(Clone)]
pub(super) struct App {
    pub(super) world: Arc<Mutex<World>>,
    /// Ends the daemon.
    pub(super) stop: Arc<Notify>,
}

impl FromRef<App> for Arc<Mutex<World>> {
    fn from_ref(app: &App) -> Self {
        app.world.clone()
    }
}

type Shared = State<Arc<Mutex<World>>>;
type Body<T> = Result<Json<T>, JsonRejection>;
type Answer<T> = Result<Json<T>, ApiError>;

/// The routes.
pub(super) fn router(app: App) -> Router {
    Router::new()
        .route("/v1/objects", get(list).put(put))
        .route("/v1/objects/{id}", get(read).delete(delete))
        .route("/v1/objects/{id}/abort", post(abort))
        .route("/v1/tasks", get(tasks))
        .route("/v1/tasks/{id}/logs", get(task_logs))
        .route("/v1/logs", get(service_logs))
        .route("/v1/kill", post(kill))
        .route("/v1/status", get(status))
        .route("/v1/stop", post(stop))
        .fallback(async || ApiError::new(ErrorCode::NotFound, "there is no such address in this API"))
        .with_state(app)
}

async fn list(State(world): Shared, Query(filter): Query<Filter>) -> Json<Vec<Status>> {
    Json(world.lock().await.list(&filter, now()))
}

async fn put(State(world): Shared, body: Body<Put>) -> Answer<Status> {
    let put = parsed(body)?;
    Ok(Json(world.lock().await.put(&put, now()).await?))
}

async fn read(State(world): Shared, Path(id): Path<String>) -> Answer<Status> {
    Ok(Json(world.lock().await.status(&id, now())?))
}

async fn delete(State(world): Shared, Path(id): Path<String>) -> Answer<Removal> {
    Ok(Json(world.lock().await.delete(&id)?))
}

async fn abort(State(world): Shared, Path(id): Path<String>, body: Body<Abort>) -> Answer<Status> {
    let abort = parsed(body)?;
    Ok(Json(world.lock().await.abort(&id, &abort.token, now())?))
}

async fn tasks(State(world): Shared, Query(filter): Query<Filter>) -> Json<Vec<TaskView>> {
    Json(world.lock().await.task_views(&filter))
}

async fn task_logs(State(world): Shared, Path(id): Path<String>, Query(span): Query<Span>) -> Answer<Vec<LogLine>> {
    let world = world.lock().await;
    let task = world.tasks.get(&id).ok_or_else(|| not_found("task", &id))?;
    let source = vec![(id, task.dir.clone())];
    drop(world);
    lines(source, span).await
}

async fn service_logs(
    State(world): Shared,
    Query(filter): Query<Filter>,
    Query(span): Query<Span>,
) -> Answer<Vec<LogLine>> {
    let world = world.lock().await;
    let sources = world.task_views(&filter).into_iter().map(|view| (view.id.clone(), world.task_dir(&view.id)));
    let sources = sources.collect();
    drop(world);
    lines(sources, span).await
}

async fn lines(sources: Vec<(String, PathBuf)>, span: Span) -> Answer<Vec<LogLine>> {
    tokio::task::spawn_blocking(move || logs::read(&sources, &span))
        .await
        .map(Json)
        .map_err(|error| ApiError::new(ErrorCode::Failed, format!("the logs couldn't be read: {error}; ask again")))
}

async fn kill(State(world): Shared, body: Body<Kill>) -> Answer<()> {
    let what = parsed(body)?;
    Ok(Json(world.lock().await.kill(&what, now())?))
}

async fn status(State(world): Shared) -> Json<DaemonStatus> {
    Json(world.lock().await.daemon_status())
}

async fn stop(State(app): State<App>, body: Body<Stop>) -> Answer<()> {
    if parsed(body)?.tasks {
        let mut world = app.world.lock().await;
        world.halting = true;
        world.wake.notify_one();
    } else {
        app.stop.notify_one();
    }
    Ok(Json(()))
}

fn parsed<T>(body: Body<T>) -> Result<T, ApiError> {
    body.map(|Json(value)| value).map_err(|error| ApiError::new(ErrorCode::Invalid, error.body_text()))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match self.error {
            ErrorCode::Invalid => StatusCode::BAD_REQUEST,
            ErrorCode::Conflict | ErrorCode::InUse => StatusCode::CONFLICT,
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::NotYet => StatusCode::LOCKED,
            ErrorCode::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(self)).into_response()
    }
}
