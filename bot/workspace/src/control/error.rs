//! Refusals of the control API: a status, a code for programs, a sentence for people.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::state::LogError;

#[derive(Debug)]
pub(crate) struct ControlError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ControlError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self { status, code, message }
    }

    pub(crate) fn invalid(error: &impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", format!("the request can't be read: {error}"))
    }

    pub(crate) fn not_found(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn refused(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }
}

impl From<LogError> for ControlError {
    fn from(error: LogError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", error.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.status, axum::Json(json!({ "error": self.code, "message": self.message }))).into_response()
    }
}
