//! How a version behaves: trouble that can be deployed on purpose.

use std::time::Duration;

/// How long `slow` takes when nobody says.
const SLOW: Duration = Duration::from_secs(5);

/// A behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Works.
    Fine,
    /// Ends at once.
    Broken,
    /// Runs, but isn't healthy.
    Sick,
    /// Is healthy only after this time.
    Slow(Duration),
}

impl Variant {
    /// By the last part of the version.
    pub(crate) fn of(version: &str, env: impl Fn(&str) -> Option<String>) -> Self {
        match version.rsplit('-').next() {
            Some("broken") => Self::Broken,
            Some("sick") => Self::Sick,
            Some("slow") => {
                let seconds = env("SLOW_SECONDS").and_then(|text| text.parse().ok());
                Self::Slow(seconds.map_or(SLOW, Duration::from_secs))
            }
            _ => Self::Fine,
        }
    }

    /// What the health check says after so long.
    pub(crate) fn is_healthy(self, age: Duration) -> bool {
        match self {
            Self::Fine => true,
            Self::Broken | Self::Sick => false,
            Self::Slow(after) => age >= after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_how_it_behaves() {
        let none = |_: &str| None;
        assert_eq!(Variant::of("1.2", none), Variant::Fine);
        assert_eq!(Variant::of("broken", none), Variant::Broken);
        assert_eq!(Variant::of("1.2-sick", none), Variant::Sick);
        let slow = Variant::of("slow", |name| (name == "SLOW_SECONDS").then(|| "2".to_owned()));
        assert!(!slow.is_healthy(Duration::from_secs(1)));
        assert!(slow.is_healthy(Duration::from_secs(2)));
    }
}
