//! Arguments, however they came: query, form or JSON (page: Web API, "POST bodies").

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ApiError;
use crate::ids::Ts;

#[derive(Debug, Default)]
pub(crate) struct Args(BTreeMap<String, Value>);

impl Args {
    /// Reads query and body. The body's arguments win.
    pub(crate) fn parse(query: Option<&str>, content_type: Option<&str>, body: &[u8]) -> Result<Self, ApiError> {
        let mut args = Self::default();
        args.form(query.unwrap_or_default().as_bytes());
        if body.is_empty() {
            return Ok(args);
        }
        let kind = content_type.ok_or(ApiError::new("missing_post_type"))?.split(';').next().unwrap_or_default().trim();
        match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => args.form(body),
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(fields)) => args.0.extend(fields),
                Ok(_) => return Err(ApiError::new("json_not_object")),
                Err(_) => return Err(ApiError::new("invalid_json")),
            },
            _ => return Err(ApiError::new("invalid_post_type")),
        }
        args.0.retain(|_, value| !value.is_null());
        Ok(args)
    }

    fn form(&mut self, bytes: &[u8]) {
        self.0.extend(
            form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))),
        );
    }

    /// A string; numbers and booleans are taken as what they look like.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A string that must be there and not be empty.
    pub(crate) fn need(&self, name: &str) -> Result<String, ApiError> {
        let given = self.get(name).filter(|text| !text.is_empty());
        given
            .ok_or_else(|| ApiError::with("invalid_arguments", vec![format!("[ERROR] missing required field: {name}")]))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name).as_deref(), Some("true" | "1"))
    }

    /// A message's timestamp, if given.
    pub(crate) fn ts(&self, name: &str) -> Option<Result<Ts, ApiError>> {
        self.get(name).filter(|text| !text.is_empty()).map(|text| Ok(text.parse()?))
    }

    /// A bound in time: `0` and whole seconds are common here.
    pub(crate) fn bound(&self, name: &str, code: &'static str) -> Result<Option<Ts>, ApiError> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let (seconds, micros) = text.split_once('.').unwrap_or((&text, "0"));
        let padded = format!("{seconds}.{micros:0<6}");
        padded.parse().map(Some).map_err(|_| ApiError::new(code))
    }

    /// Something structured: a value in JSON bodies, JSON inside a string in forms.
    pub(crate) fn structure(&self, name: &str, code: &'static str) -> Result<Option<Value>, ApiError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| ApiError::new(code)),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// A list of structures.
    pub(crate) fn list(&self, name: &str, code: &'static str) -> Result<Option<Vec<Value>>, ApiError> {
        match self.structure(name, code)? {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(ApiError::new(code)),
        }
    }

    /// Names separated by commas, or a JSON list of them.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => {
                let text = self.get(name).unwrap_or_default();
                text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
            }
        }
    }
}
