//! Clauses: what may stand behind a verb in any order, each begun by a keyword. Reading what follows the keyword is
//! [`Args`](crate::args::Args)' work.

use crate::reader::Reader;
use crate::{length, refer};
use gantry_engine::names::EnvName;

/// What a keyword brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    /// `to`, `in`, `on` ENV.
    Place,
    /// `to` N.
    ToCount,
    /// `to` RELEASE.
    ToRelease,
    /// `to` somebody.
    ToPerson,
    /// `for` LENGTH.
    For,
    /// `until` TIME.
    Until,
    /// `by` LENGTH.
    By,
    /// `at` TIME, `in` LENGTH.
    At,
    /// `since` LENGTH or TIME.
    Since,
    /// `follow`, maybe `for` LENGTH.
    Follow,
    /// `unfollow`.
    Unfollow,
    /// `with volumes`.
    WithVolumes,
    /// `when free`.
    WhenFree,
    /// `because` and the rest of the line.
    Because,
}

/// Words that begin a clause (`and` only joins). Between backticks they're names.
const KEYWORDS: [&str; 15] = [
    "to", "in", "on", "for", "until", "till", "by", "at", "since", "follow", "unfollow", "with", "when", "because",
    "and",
];

pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

impl Clause {
    /// The words that begin it; the first is the one to show.
    pub(crate) fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Place => &["in", "to", "on"],
            Self::ToCount | Self::ToRelease | Self::ToPerson => &["to"],
            Self::For => &["for"],
            Self::Until => &["until", "till"],
            Self::By => &["by"],
            Self::At => &["at", "in"],
            Self::Since => &["since"],
            Self::Follow => &["follow"],
            Self::Unfollow => &["unfollow"],
            Self::WithVolumes => &["with"],
            Self::WhenFree => &["when"],
            Self::Because => &["because"],
        }
    }

    /// How it's written.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Place => "in ENV",
            Self::ToCount => "to N",
            Self::ToRelease => "to RELEASE",
            Self::ToPerson => "to @PERSON",
            Self::For => "for LENGTH",
            Self::Until => "until TIME",
            Self::By => "by LENGTH",
            Self::At => "at TIME",
            Self::Since => "since LENGTH",
            Self::Follow => "follow",
            Self::Unfollow => "unfollow",
            Self::WithVolumes => "with volumes",
            Self::WhenFree => "when free",
            Self::Because => "because REASON",
        }
    }

    /// Whether a keyword begins this clause, given the word behind it.
    pub(crate) fn takes(self, keyword: &str, reader: &Reader<'_>) -> bool {
        if !self.keywords().iter().any(|own| own.eq_ignore_ascii_case(keyword)) {
            return false;
        }
        let next = reader.after_next_word().unwrap_or("");
        match self {
            // `to` may also lead to an environment: `scale api 5 to dev`.
            Self::ToCount | Self::ToRelease => refer::is_release(next) || !refer::exists::<EnvName>(reader.cx, next),
            // `in` may also lead to an environment, except to one that reads like a length: that needs backticks.
            Self::At if keyword.eq_ignore_ascii_case("in") => length::starts(next, reader.word_at(2)),
            _ => true,
        }
    }
}
