//! What AWS's errors mean, in a table: the code says what the caller may do.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use gantry_engine::provider::ProviderError;
use std::time::Duration;

/// An error of AWS, with its code at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// AWS's code; none where no answer came.
    pub(crate) code: Option<String>,
    /// What it means.
    pub(crate) error: ProviderError,
}

impl Trouble {
    /// Whether it has one of these codes.
    pub(crate) fn is(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

impl Trouble {
    /// An answer that says nothing: asked again, AWS may say it.
    pub(crate) fn unexpected(what: &str) -> Self {
        Self { code: None, error: ProviderError::Transient(what.to_owned()) }
    }
}

impl From<Trouble> for ProviderError {
    fn from(trouble: Trouble) -> Self {
        trouble.error
    }
}

/// Makes sense of an error. Use it as `.await.map_err(trouble)?`, or look at the code first.
pub(crate) fn trouble<E, R>(error: SdkError<E, R>) -> Trouble
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let code = error.code().map(ToOwned::to_owned);
    let message = error.message().map(ToOwned::to_owned);
    let text = match (&code, message) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(code), None) => code.clone(),
        (None, _) => "AWS didn't answer".to_owned(),
    };
    let error = match code.as_deref() {
        None => ProviderError::Transient(text),
        Some("RequestLimitExceeded" | "Throttling" | "ThrottlingException") => {
            ProviderError::Throttled { again: Duration::from_secs(2) }
        }
        Some("DependencyViolation") => ProviderError::Conflict(text),
        Some("UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException") => ProviderError::Denied(text),
        Some("InternalError" | "ServiceUnavailable") => ProviderError::Transient(text),
        Some(_) => ProviderError::Invalid(text),
    };
    Trouble { code, error }
}
