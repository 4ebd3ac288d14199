//! Values in the words that people use: moments and lengths of time, places in a line.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A moment as a sentence takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    unix: i64,
    text: String,
}

impl Moment {
    /// A moment; where a reader's own time zone can't be used, it is shown in this one.
    #[must_use]
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        let text = at.to_zoned(zone.clone()).strftime("%a %-d %b %Y %H:%M %Z").to_string();
        Self { unix: at.as_second(), text }
    }

    /// In full, with its zone.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];

/// A length of time in its two largest units: `2 days 3 hours`, `90 seconds` is `1 minute 30 seconds`.
#[must_use]
pub fn duration(length: SignedDuration) -> String {
    let mut left = length.as_secs().max(0);
    let first = UNITS.iter().position(|(size, _)| left >= *size).unwrap_or(UNITS.len() - 1);
    let mut words = Vec::new();
    for (size, name) in UNITS.iter().skip(first).take(2) {
        let number = left / size;
        left %= size;
        if number > 0 {
            words.push(format!("{number} {name}{}", if number == 1 { "" } else { "s" }));
        }
    }
    if words.is_empty() { "less than a second".to_owned() } else { words.join(" ") }
}

/// `1st`, `2nd`, `11th`.
#[must_use]
pub fn ordinal(number: usize) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_words() {
        let words = |seconds| duration(SignedDuration::from_secs(seconds));
        assert_eq!(words(0), "less than a second");
        assert_eq!([words(1), words(90), words(3_600)], ["1 second", "1 minute 30 seconds", "1 hour"]);
        assert_eq!([words(86_400 * 2 + 3_605), words(86_405)], ["2 days 1 hour", "1 day"]);
    }

    #[test]
    fn moments_name_their_zone() {
        let at: Timestamp = "2026-11-20T17:00:00Z".parse().unwrap();
        assert_eq!(Moment::new(at, &TimeZone::UTC).text(), "Fri 20 Nov 2026 17:00 UTC");
    }

    #[test]
    fn places_in_a_line() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 112].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]
        );
    }
}
