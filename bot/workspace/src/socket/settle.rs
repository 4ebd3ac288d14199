//! An app's acknowledgement, however it came: the delivery is settled, and what the acknowledgement carries takes effect.

use serde_json::Value;

use crate::draft::{Draft, Place};
use crate::hub::Hub;
use crate::reply::{self, Answer};
use crate::state::{Change, Delivery, Kind, LogError};
use crate::view::{self, Verdict};

/// Settles a delivery (pages: Using Socket Mode, "Acknowledge events"; Handling user interaction, "Acknowledgment response").
pub(crate) fn acknowledged(hub: &Hub, envelope_id: &str, payload: &Value) {
    if !hub.courier.acknowledged(envelope_id) {
        tracing::debug!(envelope_id, "acknowledged again, or too late");
        return;
    }
    let settled = hub.commit(|draft| {
        let Some(delivery) = draft.model.delivery(envelope_id) else { return Ok(None) };
        draft.push(Change::Settled { envelope_id: envelope_id.to_owned() });
        Ok::<_, LogError>(take(draft, delivery, payload))
    });
    match settled {
        Ok(verdict) => verdict.into_iter().for_each(|verdict| hub.answers.tell(envelope_id, verdict)),
        Err(error) => tracing::error!(%error, "failed to note an acknowledgement"),
    }
}

/// Commands may be answered in words, submissions in what is to happen with the view.
fn take(draft: &mut Draft<'_>, delivery: &Delivery, payload: &Value) -> Option<Verdict> {
    if delivery.is_submission() {
        let submitted = &delivery.payload["view"];
        let open = draft.model.modals(&delivery.user).iter().any(|view| view["id"] == submitted["id"]);
        return Some(if open { view::answer(draft, &delivery.user, submitted, payload) } else { Verdict::default() });
    }
    if delivery.kind == Kind::SlashCommands
        && let (Some(said), Some(channel)) = (Answer::parse(payload), draft.hub.directory.channel(&delivery.channel))
    {
        reply::answer(draft, Place::new(channel, None), &delivery.user, said);
    }
    None
}
