//! Which logs may never be let through, whatever a log filter asks for.
//!
//! The AWS SDK logs requests and answers when it is asked for `DEBUG` or `TRACE`: what was signed, headers, and with them
//! the id of the access key. It leaves out secret keys and session tokens by itself, in the versions that were tried; the
//! HTTP and TLS crates below it, which log what goes over the wire, know no such care. At `INFO` and above all of them
//! tell which credentials were found, not what they are.

/// The crates, by what their targets begin with.
static TALKERS: &[&str] = &["aws_", "h2", "hyper", "reqwest", "rustls", "tower", "tungstenite", "want"];

/// Whether logs under this target tell what requests and answers say, once they are asked for more than `INFO`.
#[must_use]
pub fn tells_requests(target: &str) -> bool {
    let of = target.split("::").next().unwrap_or_default();
    TALKERS.iter().any(|talker| of.starts_with(talker))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_talks_to_aws_is_known_and_gantry_is_free_to_talk() {
        for target in ["aws_smithy_runtime::client::orchestrator", "aws_sigv4::http_request", "h2::codec", "hyper_util"]
        {
            assert!(tells_requests(target), "{target}");
        }
        for target in ["gantry", "gantry_aws::drivers::connection", "gantry_engine::apply"] {
            assert!(!tells_requests(target), "{target}");
        }
    }
}
