//! What the runtime's refusals and silences mean to the engine.

use crate::api::{ClientError, ErrorCode};
use gantry_engine::provider::ProviderError;

/// The error as the engine decides over it. The runtime's sentence is kept: it says what and what to do.
pub(super) fn provider_error(error: ClientError) -> ProviderError {
    let text = error.to_string();
    match error {
        ClientError::Refused(refusal) => match refusal.error {
            ErrorCode::Invalid => ProviderError::Invalid(text),
            ErrorCode::Conflict | ErrorCode::InUse => ProviderError::Conflict(text),
            // What a spec refers to was made before; a runtime that hasn't got it will, or somebody takes it away.
            ErrorCode::NotFound | ErrorCode::NotYet => ProviderError::NotYet(text),
            ErrorCode::Failed => ProviderError::Transient(text),
        },
        ClientError::Protocol { .. } => ProviderError::Conflict(text),
        ClientError::NotRunning { .. }
        | ClientError::NotStarted { .. }
        | ClientError::Launch { .. }
        | ClientError::Unanswered { .. } => ProviderError::Transient(text),
    }
}
