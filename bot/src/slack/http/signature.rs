//! Slack's signature of a request: whoever can make it knows the signing secret
//! (docs.slack.dev, "Verifying requests from Slack"). The time is an argument.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::fmt;

/// How far a request's time may be from ours, either way, in seconds (same page): an older one may be a replay.
pub(super) const WINDOW: i64 = 5 * 60;

/// The header with the time of sending, in seconds since 1970.
pub(super) const SENT_AT: &str = "x-slack-request-timestamp";

/// The header with the signature: `v0=` and HMAC-SHA256 of `v0:TIME:BODY` in hex.
pub(super) const SIGNATURE: &str = "x-slack-signature";

/// An app's signing secret, ready for use.
#[derive(Clone)]
pub struct SigningSecret {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// A signature that is good: when it was made, and what makes it unlike any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seal {
    pub(super) sent_at: i64,
    signature: [u8; 32],
}

/// Why a request isn't believed. For the log only: whoever sent it is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsigned {
    /// A header is missing, or isn't of the form.
    #[error("no usable signature")]
    Missing,
    /// Sent too long ago, or in the future.
    #[error("signed {0} s away from our time; is the machine's clock right?")]
    OffTime(i64),
    /// Taken before.
    #[error("the same request as one that was taken already")]
    Replayed,
    /// Made with another secret, or for another body or time.
    #[error("a signature by somebody else, or of something else; is it this app's signing secret?")]
    Forged,
}

impl SigningSecret {
    /// Takes a secret, as the app's page "Basic Information" shows it.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let key = secret.expose_secret().as_bytes();
        // HMAC takes keys of any length (RFC 2104), so the refusal that the type allows for can't come.
        let keyed = Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        Self { keyed }
    }

    /// Whether a request was signed with this secret, and lately.
    pub(super) fn check(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<Seal, Unsigned> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Unsigned::Missing);
        let sent_at = header(SENT_AT)?;
        let signature = header(SIGNATURE)?.strip_prefix("v0=").ok_or(Unsigned::Missing)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(signature, &mut bytes).map_err(|_| Unsigned::Missing)?;
        let seconds: i64 = sent_at.parse().map_err(|_| Unsigned::Missing)?;
        let off = now.as_second().saturating_sub(seconds);
        if off.saturating_abs() > WINDOW {
            return Err(Unsigned::OffTime(off));
        }
        // Compares in a time that doesn't depend on where the two differ.
        self.over(sent_at, body).verify_slice(&bytes).map_err(|_| Unsigned::Forged)?;
        Ok(Seal { sent_at: seconds, signature: bytes })
    }

    fn over(&self, sent_at: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(b"v0:");
        mac.update(sent_at.as_bytes());
        mac.update(b":");
        mac.update(body);
        mac
    }

    /// The signature of a request, as Slack makes it: for whoever plays Slack.
    #[must_use]
    pub fn sign(&self, sent_at: i64, body: &[u8]) -> String {
        format!("v0={}", hex::encode(self.over(&sent_at.to_string(), body).finalize().into_bytes()))
    }
}
