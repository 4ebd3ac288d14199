//! Which calls are tried again at once, by the SDK, and which only by the engine, after it has looked.
//!
//! What reads may always be tried again, and so may what says how something is to be. Another call that changes something may
//! have had its effect though its reply was lost or told of an error, so the SDK never repeats it, except where AWS says that
//! there were too many: it turns such a request away before it does anything (AWS general reference, "Retry behavior":
//! throttling errors), and looking again would only make more calls.
//!
//! The SDK's adaptive mode isn't used: it would slow down all calls of a service after each that was throttled, and `limits.rs`
//! does so before.

use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_types::retry::ErrorKind;
use std::time::Duration;

/// How often a call is tried that may be: on a day on which every other call fails, all but 1 of 1,024 come through. A survey
/// makes dozens of them, and one that doesn't come through costs all of them once more.
const OFTEN: u32 = 10;
/// How often a call is tried that AWS turns away; longer waits are the engine's, which tells people of them.
const TURNED_AWAY: u32 = 4;
/// The SDK's own first pause between two tries (`RetryConfig`), before it is made to go faster.
const BACKOFF: Duration = Duration::from_secs(1);
/// The longest pause. All pauses of a call that is tried often come to about half a minute, beside what each try takes.
const LONGEST: Duration = Duration::from_secs(5);

/// How calls are tried again that may be, where time goes so much faster than ours.
pub(super) fn often(speed: f64) -> RetryConfig {
    with(OFTEN, speed)
}

/// How the others are; to be used together with [`OnlyThrottled`].
pub(super) fn turned_away(speed: f64) -> RetryConfig {
    with(TURNED_AWAY, speed)
}

fn with(tries: u32, speed: f64) -> RetryConfig {
    let (first, longest) = (BACKOFF.div_f64(speed), LONGEST.div_f64(speed));
    RetryConfig::standard().with_max_attempts(tries).with_initial_backoff(first).with_max_backoff(longest)
}

/// Lets a call be tried again only if AWS turned it away for there being too many.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnlyThrottled;

impl ClassifyRetry for OnlyThrottled {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::RetryForbidden
    }

    fn classify_retry_v2(&self, context: &InterceptorContext, others: &RetryAction) -> RetryAction {
        match others {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, .. })
                if !is_quota(context) =>
            {
                others.clone()
            }
            _ => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "only what was throttled"
    }

    /// After all others, which say what it was.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// `LimitExceededException`: throttling for the SDK, a quota in the services here (`codes.rs`). Waiting doesn't raise it.
fn is_quota(context: &InterceptorContext) -> bool {
    let body = context.response().and_then(|response| response.body().bytes()).unwrap_or_default();
    String::from_utf8_lossy(body).contains("LimitExceededException")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::interceptors::context::Input;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    fn after(others: &RetryAction, body: &'static str) -> RetryAction {
        let mut context = InterceptorContext::new(Input::doesnt_matter());
        context.set_response(HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body)));
        OnlyThrottled.classify_retry_v2(&context, others)
    }

    #[test]
    fn a_quota_and_what_may_have_had_its_effect_are_not_tried_again() {
        let throttled = RetryAction::throttling_error();
        assert_eq!(after(&throttled, r#"{"__type": "ThrottlingException"}"#), throttled);
        assert_eq!(after(&throttled, r#"{"__type": "LimitExceededException"}"#), RetryAction::RetryForbidden);
        for other in [RetryAction::transient_error(), RetryAction::server_error(), RetryAction::NoActionIndicated] {
            assert_eq!(after(&other, ""), RetryAction::RetryForbidden);
        }
    }
}
