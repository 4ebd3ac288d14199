//! The front door of the Web API: who calls, may they, and how the answer travels.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::args::Args;
use super::error::ApiError;
use super::{Call, METHODS, Method, Outcome, Token};
use crate::hub::{ApiCall, Hub};
use crate::secrets::same;
use crate::wire::Fault;

/// `GET|POST /api/{method}`
pub(crate) async fn serve(
    State(hub): State<Arc<Hub>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if let Some(watch) = &hub.watch {
        let (query, content_type) = (query.as_deref().unwrap_or_default(), content_type.unwrap_or_default());
        watch(ApiCall { method: &name, query, content_type, body: &body });
    }
    let args = Args::parse(query.as_deref(), content_type, &body);
    let too_many = || hub.rates.as_ref()?.count(&name, args.as_ref().ok(), &hub.directory, hub.now());
    let fault = hub.faults.take(&name).or_else(too_many);
    if let Some(response) = fault.as_ref().and_then(refused) {
        return response;
    }
    let outcome = args.and_then(|args| dispatch(&hub, &name, &headers, &args));
    if let Err(error) = &outcome {
        tracing::debug!(method = name, code = error.code, "refused");
    }
    if fault.is_some_and(|fault| fault.drop_reply_after_effect) {
        return lost();
    }
    match outcome {
        Ok(mut value) => {
            value["ok"] = json!(true);
            let mut response = json_response(&value);
            // Slack tells them with every answer (page: Authentication, "x-oauth-scopes").
            if let Ok(scopes) = HeaderValue::from_str(&hub.directory.app.about.scopes.join(",")) {
                response.headers_mut().insert("x-oauth-scopes", scopes);
            }
            response
        }
        Err(error) => json_response(&error.body()),
    }
}

fn dispatch(hub: &Hub, name: &str, headers: &HeaderMap, args: &Args) -> Outcome {
    let method = METHODS.iter().find(|method| method.name == name).ok_or(ApiError::new("unknown_method"))?;
    authorise(hub, method, headers, args)?;
    (method.run)(&Call { hub, args })
}

fn authorise(hub: &Hub, method: &Method, headers: &HeaderMap, args: &Args) -> Result<(), ApiError> {
    if method.token == Token::None {
        return Ok(());
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = bearer.and_then(|value| value.strip_prefix("Bearer ")).map(|token| token.trim().to_owned());
    let token = given.or_else(|| args.get("token")).filter(|token| !token.is_empty());
    let token = token.ok_or(ApiError::new("not_authed"))?;
    let kind = if same(&token, &hub.secrets.bot_token) {
        Token::Bot
    } else if same(&token, &hub.secrets.app_token) {
        Token::App
    } else {
        return Err(ApiError::new("invalid_auth"));
    };
    if method.token != Token::Any && method.token != kind {
        return Err(ApiError::new("not_allowed_token_type"));
    }
    let scopes = &hub.directory.app.about.scopes;
    match method.scope {
        Some(needed) if !scopes.iter().any(|scope| scope == needed) => {
            Err(ApiError::missing_scope(needed, &scopes.join(",")))
        }
        _ => Ok(()),
    }
}

fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], value.to_string()).into_response()
}

/// The answer of a disturbance that prevents the call; page: Rate limits, for 429.
fn refused(fault: &Fault) -> Option<Response> {
    if let Some(code) = &fault.error {
        return Some(json_response(&json!({ "ok": false, "error": code })));
    }
    let status = StatusCode::from_u16(fault.status?).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match status {
        StatusCode::TOO_MANY_REQUESTS => json_response(&json!({ "ok": false, "error": "ratelimited" })),
        _ => status.canonical_reason().unwrap_or_default().into_response(),
    };
    *response.status_mut() = status;
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Some(response)
}

/// An answer that breaks off: the connection is closed in the middle of the body.
fn lost() -> Response {
    let broken =
        futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the reply is lost on purpose")) });
    let mut response = Response::new(Body::from_stream(broken));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("64"));
    response
}
