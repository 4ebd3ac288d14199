//! A refusal in Slack's form: HTTP 200, `ok: false` and a code (page: Web API, "Evaluating responses").

use serde_json::{Value, json};

use crate::ids::NotATs;
use crate::state::LogError;

#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) code: &'static str,
    messages: Vec<String>,
    scopes: Option<(String, String)>,
}

impl ApiError {
    pub(crate) fn new(code: &'static str) -> Self {
        Self { code, messages: Vec::new(), scopes: None }
    }

    /// With sentences about what was wrong (vector: `responses/views.open.error_invalid_arguments.json`).
    pub(crate) fn with(code: &'static str, messages: Vec<String>) -> Self {
        Self { messages, ..Self::new(code) }
    }

    /// `missing_scope` names what would be needed and what there is.
    pub(crate) fn missing_scope(needed: &str, provided: &str) -> Self {
        Self { scopes: Some((needed.to_owned(), provided.to_owned())), ..Self::new("missing_scope") }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error": self.code });
        if !self.messages.is_empty() {
            body["response_metadata"] = json!({ "messages": self.messages });
        }
        if let Some((needed, provided)) = &self.scopes {
            body["needed"] = json!(needed);
            body["provided"] = json!(provided);
        }
        body
    }
}

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        tracing::error!(%error, "a change could not be kept");
        Self::new("internal_error")
    }
}

/// No message can have such a name.
impl From<NotATs> for ApiError {
    fn from(_: NotATs) -> Self {
        Self::new("message_not_found")
    }
}
