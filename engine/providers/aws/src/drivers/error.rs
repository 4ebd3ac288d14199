//! What AWS's errors mean for the caller, and what they say to people. The codes themselves are in `codes.rs`.
//!
//! AWS's own message goes through where it tells people something (which resource, which permission). It doesn't where
//! the credentials are in question: a message about a signature quotes the request that was signed, session token and
//! all.

use super::codes::{self, Means};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use gantry_engine::provider::ProviderError;
use std::error::Error;
use std::time::Duration;

pub(super) use codes::STALE;

/// How long to wait when AWS says that it was too much; the engine waits longer each time.
const SLOWER: Duration = Duration::from_secs(2);
/// The longest message that is passed on, in characters.
const LONGEST: usize = 400;

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
pub(crate) fn trouble<E>(error: SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(code) = error.code() {
        let error = meaning(code, error.message().unwrap_or_default(), status(&error));
        return Trouble { code: Some(code.to_owned()), error };
    }
    Trouble { code: None, error: without_code(&error) }
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}

/// What a code means, beside AWS's message and the HTTP status.
fn meaning(code: &str, message: &str, status: u16) -> ProviderError {
    let text = || told(code, message);
    let Some(row) = codes::find(code) else {
        return match status {
            429 => ProviderError::Throttled { again: SLOWER },
            500.. => ProviderError::Transient(text()),
            _ => ProviderError::Invalid(text()),
        };
    };
    // One code stands for many things in some services; their message tells which.
    if let Some(means) = row.unless.iter().find_map(|(part, means)| message.contains(part).then_some(*means)) {
        return as_error(means, text());
    }
    as_error(row.means, text())
}

fn as_error(means: Means, text: String) -> ProviderError {
    match means {
        Means::Throttled => ProviderError::Throttled { again: SLOWER },
        Means::NotYet => ProviderError::NotYet(text),
        Means::Conflict => ProviderError::Conflict(text),
        Means::Transient => ProviderError::Transient(text),
        Means::Invalid => ProviderError::Invalid(text),
        Means::Denied => {
            ProviderError::Denied(format!("{text}; the policy that Gantry needs is engine/providers/aws/policy.json"))
        }
        Means::Credentials(remedy) => ProviderError::Denied(remedy.to_owned()),
        Means::Quota(quota) => ProviderError::Denied(format!(
            "{text}; ask for more of \"{quota}\" at https://console.aws.amazon.com/servicequotas, or remove what isn't \
             needed any more"
        )),
    }
}

/// AWS's words with their code, without what nobody can read.
fn told(code: &str, message: &str) -> String {
    // EC2 appends a long text that only another call can read (EC2 API reference, `DecodeAuthorizationMessage`).
    let message = message.split("Encoded authorization failure message").next().unwrap_or_default();
    let message = message.trim().trim_end_matches('.');
    if message.is_empty() {
        return code.to_owned();
    }
    let short: String = message.chars().take(LONGEST).collect();
    let cut = if short.len() < message.len() { "…" } else { "" };
    format!("{short}{cut} ({code})")
}

/// What it means that there is no code: nothing was sent, or no answer could be read.
fn without_code<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> ProviderError {
    let chain = std::iter::successors(Some(error as &(dyn Error + 'static)), |error| (*error).source());
    let mut credentials = chain.filter_map(|error| error.downcast_ref::<CredentialsError>());
    if let Some(error) = credentials.next() {
        return match error {
            CredentialsError::ProviderTimedOut(_) => {
                ProviderError::Transient("the AWS credentials didn't come in time".to_owned())
            }
            CredentialsError::CredentialsNotLoaded(_) => ProviderError::Denied(codes::NO_CREDENTIALS.to_owned()),
            _ => ProviderError::Denied(codes::NO_LOGIN.to_owned()),
        };
    }
    match error {
        SdkError::ConstructionFailure(_) => ProviderError::Invalid(format!("a request couldn't be made: {error}")),
        SdkError::TimeoutError(_) => ProviderError::Transient("AWS didn't answer in time".to_owned()),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            ProviderError::Transient("AWS didn't answer in time".to_owned())
        }
        SdkError::DispatchFailure(_) => ProviderError::Transient("AWS couldn't be reached".to_owned()),
        _ => ProviderError::Transient(format!("AWS answered what can't be read (HTTP {})", status(error))),
    }
}
