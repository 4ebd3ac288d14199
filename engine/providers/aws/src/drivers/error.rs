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

    /// Whether it says that what was named isn't there: each kind has a code of its own for that.
    pub(crate) fn is_missing(&self) -> bool {
        self.code.as_deref().is_some_and(|code| code.ends_with("NotFound"))
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
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` takes")]
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
    match codes::means(code, message) {
        Some(means) => as_error(means, text()),
        None if status == 429 => ProviderError::Throttled { again: SLOWER },
        None if status >= 500 => ProviderError::Transient(text()),
        None => ProviderError::Invalid(text()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    fn answer(status: u16, code: &str, message: &str) -> ProviderError {
        let error = ErrorMetadata::builder().code(code).message(message).build();
        let response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
        trouble(SdkError::service_error(error, response)).into()
    }

    #[test]
    fn the_code_says_what_the_caller_may_do() {
        assert_eq!(answer(503, "RequestLimitExceeded", "slow"), ProviderError::Throttled { again: SLOWER });
        assert!(matches!(answer(400, "DependencyViolation", "in use"), ProviderError::Conflict(_)));
        assert!(matches!(answer(404, "NoSuchEntity", "role"), ProviderError::NotYet(_)));
        assert!(matches!(answer(500, "SomethingNew", ""), ProviderError::Transient(_)));
        assert!(matches!(answer(429, "SomethingNew", ""), ProviderError::Throttled { .. }));
        assert_eq!(answer(400, "SomethingNew", "No."), ProviderError::Invalid("No (SomethingNew)".to_owned()));
    }

    #[test]
    fn a_quota_and_a_permission_say_what_to_do() {
        let text = answer(400, "VpcLimitExceeded", "The limit is 5.").to_string();
        assert!(text.contains("\"VPCs per Region\"") && text.contains("servicequotas"), "{text}");
        let message = "You are not authorized to perform: ec2:CreateVpc. Encoded authorization failure message: 0aF9";
        let text = answer(403, "UnauthorizedOperation", message).to_string();
        assert!(text.contains("ec2:CreateVpc") && text.contains("policy.json") && !text.contains("0aF9"), "{text}");
    }

    #[test]
    fn what_was_signed_is_never_repeated() {
        let message = "The Canonical String for this request should have been 'x-amz-security-token:canary'";
        for code in ["SignatureDoesNotMatch", "InvalidSignatureException", "InvalidClientTokenId", "ExpiredToken"] {
            let error = answer(403, code, message);
            assert!(matches!(&error, ProviderError::Denied(text) if !text.contains("canary")), "{error:?}");
        }
    }

    #[test]
    fn no_answer_may_be_one_that_was_lost() {
        let timeout: SdkError<ErrorMetadata, HttpResponse> = SdkError::timeout_error("slow");
        assert!(matches!(trouble(timeout).error, ProviderError::Transient(_)));
        let none = CredentialsError::not_loaded("nothing in the chain");
        let dispatch: SdkError<ErrorMetadata, HttpResponse> = SdkError::construction_failure(none);
        assert!(matches!(trouble(dispatch).error, ProviderError::Denied(why) if why.contains("AWS_PROFILE")));
    }
}
