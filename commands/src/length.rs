//! Lengths of time as people say them: `90s`, `1h30m`, `2 days`. A day is 24 hours here; who means the calendar
//! says a time.

use crate::error::{ErrorKind, LengthProblem, ParseError, What, shown};
use crate::reader::Reader;
use jiff::SignedDuration;
use serde::{Serialize, Serializer};
use std::fmt;

/// A length of time in whole seconds, more than zero and at most [`Length::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(u32);

const UNITS: [(u64, &[&str]); 5] = [
    (7 * 86_400, &["w", "week", "weeks"]),
    (86_400, &["d", "day", "days"]),
    (3_600, &["h", "hr", "hrs", "hour", "hours"]),
    (60, &["m", "min", "mins", "minute", "minutes"]),
    (1, &["s", "sec", "secs", "second", "seconds"]),
];

/// What can be written for a length.
const EXPECTED: [&str; 4] = ["8h", "90s", "10m", "2d"];

impl Length {
    /// The longest: a year of 366 days. Projects set limits of their own below it.
    pub const MAX: Self = Self(366 * 86_400);

    /// So many minutes, of which there are few.
    pub(crate) const fn of_minutes(minutes: u8) -> Self {
        Self(minutes as u32 * 60)
    }

    /// So many seconds, if that's within bounds.
    #[must_use]
    pub fn from_secs(seconds: u64) -> Option<Self> {
        u32::try_from(seconds).ok().filter(|s| (1..=Self::MAX.0).contains(s)).map(Self)
    }

    /// In seconds.
    #[must_use]
    pub fn secs(self) -> u64 {
        self.0.into()
    }

    /// For reckoning with timestamps.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.0.into())
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.secs();
        for (size, names) in UNITS {
            if left >= size {
                write!(f, "{}{}", left / size, names[0])?;
                left %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether a word begins a length, maybe together with the next: `8h`, `1h30m`, `2` before `days`.
pub(crate) fn starts(word: &str, next: Option<&str>) -> bool {
    let (digits, rest) = split_digits(word);
    let name = if rest.is_empty() { next.unwrap_or("") } else { split_letters(rest).0 };
    !digits.is_empty() && unit(name).is_some()
}

/// Reads the length that the next words are.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Length, ParseError> {
    let Some(first) = reader.value() else { return Err(reader.missing(What::Length).expecting(EXPECTED)) };
    let mut tally = Tally { seconds: Ok(0), smallest: u64::MAX };
    let mut span = first.span.clone();
    loop {
        // A mention or a quoted word counts as an empty word: no length.
        let (word, next) = (reader.next_word().unwrap_or(""), reader.after_next_word().unwrap_or(""));
        let two_words = split_digits(word) == (word, "") && unit(next).is_some();
        if two_words {
            tally.add(word, next);
        } else {
            tally.add_word(word);
        }
        reader.skip(if two_words { 2 } else { 1 });
        span.end = reader.before();
        if !reader.next_word().is_some_and(|word| starts(word, reader.after_next_word())) {
            break;
        }
    }
    let length = tally.seconds.and_then(|seconds| match seconds {
        0 => Err(LengthProblem::Zero),
        seconds => Length::from_secs(seconds).ok_or(LengthProblem::TooLong),
    });
    length.map_err(|why| problem(why, reader.source(&span), span))
}

fn problem(why: LengthProblem, words: &str, span: crate::scan::Span) -> ParseError {
    let words = shown(words);
    let sentence = match why {
        LengthProblem::Shape => format!("`{words}` isn't a length of time"),
        LengthProblem::Zero => format!("`{words}` is no time at all"),
        LengthProblem::TooLong => format!("`{words}` is too long; at most a year"),
    };
    ParseError::new(ErrorKind::BadDuration(why, sentence), span).expecting(EXPECTED)
}

/// A sum of numbers of units. Units go from large to small, each once, so `30m1h` and `1h1h` are slips, not lengths.
struct Tally {
    seconds: Result<u64, LengthProblem>,
    smallest: u64,
}

impl Tally {
    /// Adds the pieces of one word, as in `1h30m`.
    fn add_word(&mut self, word: &str) {
        let mut rest = word;
        loop {
            let (digits, tail) = split_digits(rest);
            let (name, tail) = split_letters(tail);
            self.add(digits, name);
            if tail.is_empty() || self.seconds.is_err() {
                break;
            }
            rest = tail;
        }
    }

    fn add(&mut self, digits: &str, name: &str) {
        let smallest = self.smallest;
        self.seconds = self.seconds.and_then(|total| {
            let size = unit(name).filter(|size| !digits.is_empty() && *size < smallest).ok_or(LengthProblem::Shape)?;
            self.smallest = size;
            // Digits only, so the one thing that can go wrong is their number.
            let number: u64 = digits.parse().map_err(|_| LengthProblem::TooLong)?;
            number.checked_mul(size).and_then(|seconds| seconds.checked_add(total)).ok_or(LengthProblem::TooLong)
        });
    }
}

fn unit(name: &str) -> Option<u64> {
    UNITS.iter().find(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(name))).map(|(size, _)| *size)
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn split_letters(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_alphabetic).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::tests::reading;

    fn said(text: &str) -> Result<(String, Option<String>), LengthProblem> {
        reading(text, |reader| match read(reader) {
            Ok(length) => Ok((length.to_string(), reader.next_word().map(str::to_owned))),
            Err(error) => match *error.kind {
                ErrorKind::BadDuration(why, _) => Err(why),
                other => panic!("{other:?}"),
            },
        })
    }

    #[test]
    fn lengths_as_people_say_them() {
        let cases = [
            ("90s", "1m30s"),
            ("10m", "10m"),
            ("8H", "8h"),
            ("2d", "2d"),
            ("1w", "1w"),
            ("1h30m", "1h30m"),
            ("1h 30m", "1h30m"),
            ("2 days", "2d"),
            ("1 day, 2 hours 5mins", "1d2h5m"),
            ("366d", "52w2d"),
            ("0h5m", "5m"),
        ];
        for (text, meant) in cases {
            assert_eq!(said(text), Ok((meant.to_owned(), None)), "{text}");
        }
        assert_eq!(said("8h to"), Ok(("8h".to_owned(), Some("to".to_owned()))));
        assert_eq!(said("8h 5"), Ok(("8h".to_owned(), Some("5".to_owned()))));
    }

    #[test]
    fn what_is_no_length_is_refused() {
        for text in ["h", "8", "8 web", "8x", "1h1h", "30m1h", "1h 2h", "-5m", "1.5h", "8h!5", "`8h`", "<@U1>", "ü"] {
            assert_eq!(said(text), Err(LengthProblem::Shape), "{text}");
        }
        assert_eq!(said("0s"), Err(LengthProblem::Zero));
        for text in ["367d", "99999999999999999999d", "18446744073709551615w", "1w999999999999999999d"] {
            assert_eq!(said(text), Err(LengthProblem::TooLong), "{text}");
        }
    }
}
