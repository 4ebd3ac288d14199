//! `apps.connections.open`.

use serde_json::json;

use super::{Call, Outcome};
use crate::socket::open_ticket;

/// Vector: `responses/apps.connections.open.ok.json`.
pub(super) fn connections_open(call: &Call<'_>) -> Outcome {
    Ok(json!({ "url": open_ticket(call.hub) }))
}
