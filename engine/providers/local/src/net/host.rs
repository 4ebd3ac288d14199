//! Host names as the edge proxy and the DNS server compare them: lower-case, no port, no trailing dot.
//!
//! Takes ASCII names only; an internationalised name comes here already in its `xn--` form.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A host name, parsed once: `www.dev.mini-soa.localhost`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

/// Why a text is no host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` isn't a host name; use labels of a-z, 0-9 and - (at most 63 each, 253 in all), joined by dots")]
pub struct BadHost(String);

impl HostName {
    /// Takes a name as it stands in a file or in a `Host` header: any case, maybe with a port or a trailing dot.
    ///
    /// # Errors
    /// [`BadHost`] tells the rule (RFC 1123, 2.1; an underscore is let pass, since browsers do).
    pub fn new(text: &str) -> Result<Self, BadHost> {
        let bad = || BadHost(text.chars().take(64).collect());
        let name = match text.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            Some(_) => return Err(bad()),
            None => text,
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(bad());
        }
        Ok(Self(name))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !label.is_empty()
        && label.len() <= 63
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for HostName {
    type Error = BadHost;
    fn try_from(text: String) -> Result<Self, BadHost> {
        Self::new(&text)
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_case_and_trailing_dot_do_not_matter() {
        let plain = HostName::new("www.dev.shop.localhost").unwrap();
        for same in ["WWW.Dev.shop.localhost", "www.dev.shop.localhost:8080", "www.dev.shop.localhost."] {
            assert_eq!(HostName::new(same).unwrap(), plain, "{same}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "a".repeat(64);
        for bad in ["", ".", "a..b", "-a", "a-", "a b", "a/b", "a:b", "[::1]:80", "ü", &long] {
            assert!(HostName::new(bad).is_err(), "{bad:?} must be refused");
        }
    }
}
