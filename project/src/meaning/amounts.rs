//! Lengths of time, sizes and amounts of processing: whole numbers with a unit. No fractions anywhere, since what is
//! read here ends up in digests.

use crate::raw::Amount;
use jiff::SignedDuration;

/// The longest length of time: a year of 366 days, as in commands.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// The most processors that one node or task may have.
const MOST_CPUS: u32 = 1024;

/// Why a text is no amount.
pub(super) struct Unread {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) remedy: String,
}

fn unread(text: &str, what: &str, remedy: &str) -> Unread {
    Unread { message: format!("`{text}` isn't {what}"), label: "can't be read".to_owned(), remedy: remedy.to_owned() }
}

/// A length of time: more than none, at most a year, in whole `finest`s.
pub(super) fn length(text: &str, finest: SignedDuration) -> Result<SignedDuration, Unread> {
    let fail = || {
        unread(text, "a length of time", "numbers with units, such as `90s`, `8h`, `1h30m` or `2d` (ms, s, m, h, d, w)")
    };
    let mut rest = text;
    let mut total = SignedDuration::ZERO;
    while !rest.is_empty() {
        let (number, unit, after) = split(rest).ok_or_else(fail)?;
        let unit = match unit {
            "ms" => SignedDuration::from_millis(1),
            "s" => SignedDuration::from_secs(1),
            "m" => SignedDuration::from_mins(1),
            "h" => SignedDuration::from_hours(1),
            "d" => SignedDuration::from_hours(24),
            "w" => SignedDuration::from_hours(7 * 24),
            _ => return Err(fail()),
        };
        let number = i32::try_from(number).map_err(|_| fail())?;
        total = unit.checked_mul(number).and_then(|part| total.checked_add(part)).ok_or_else(fail)?;
        rest = after;
    }
    if total.is_zero() || total > LONGEST {
        return Err(unread(text, "a length of time that can be waited for", "more than none, and at most 366 days"));
    }
    if total.as_millis() % finest.as_millis() != 0 {
        return Err(unread(text, "a whole number of seconds", "only health checks count in `ms`"));
    }
    Ok(total)
}

/// A size in mebibytes.
pub(super) fn mebibytes(text: &str) -> Result<u32, Unread> {
    let fail = || unread(text, "a size", "a whole number with `MiB`, `GiB` or `TiB`, such as `512MiB` or `2GiB`");
    let (number, unit, after) = split(text).ok_or_else(fail)?;
    let factor = match unit {
        "MiB" => 1,
        "GiB" => 1024,
        "TiB" => 1024 * 1024,
        _ => return Err(fail()),
    };
    let size = number.checked_mul(factor).and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
    size.filter(|_| after.is_empty()).ok_or_else(fail)
}

/// A size in gibibytes, where nothing smaller is sold.
pub(super) fn gibibytes(text: &str) -> Result<u32, Unread> {
    let size = mebibytes(text)?;
    if size % 1024 != 0 {
        return Err(unread(text, "a whole number of gibibytes", "disks come in whole `GiB`, such as `1GiB`"));
    }
    Ok(size / 1024)
}

/// An amount of money, in millionths of a dollar: no fractions of those.
pub(super) fn dollars(text: &str) -> Result<u64, Unread> {
    let fail = || unread(text, "an amount of money", "dollars with a $, such as `$5` or `$0.25`");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let amount = text.strip_prefix('$').ok_or_else(fail)?;
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
    if !digits(whole) || !digits(part) || part.len() > 6 {
        return Err(fail());
    }
    let whole = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(1_000_000));
    let part: u64 = format!("{part:0<6}").parse().map_err(|_| fail())?;
    whole.and_then(|whole| whole.checked_add(part)).ok_or_else(fail)
}

/// Thousandths of a processor.
pub(super) fn millis(amount: &Amount) -> Result<u32, Unread> {
    let most = MOST_CPUS * 1000;
    match amount {
        Amount::Whole(cpus) => Ok(cpus.saturating_mul(1000).min(most)),
        Amount::Millis(text) => {
            let fail = || {
                unread(
                    text,
                    "an amount of processing",
                    "a whole number of processors (`2`) or thousandths (`\"500m\"`)",
                )
            };
            let number = text.strip_suffix('m').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            let number = number.and_then(|digits| digits.parse().ok()).filter(|n| (1..=most).contains(n));
            number.ok_or_else(fail)
        }
    }
}

/// Digits, the letters after them, and what follows.
fn split(text: &str) -> Option<(u64, &str, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?;
    let (number, rest) = text.split_at(digits);
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(letters);
    Some((number.parse().ok()?, unit, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: SignedDuration = SignedDuration::from_secs(1);

    #[test]
    fn lengths() {
        let read = |text| length(text, SECOND).ok().map(|length| length.as_secs());
        assert_eq!(read("90s"), Some(90));
        assert_eq!(read("1h30m"), Some(5400));
        assert_eq!(read("2d"), Some(172_800));
        assert_eq!(read("2000ms"), Some(2));
        for bad in ["", "8", "h", "8 h", "-1s", "1.5h", "0s", "200ms", "367d", "8hours", "99999999999999999999s", "ü"]
        {
            assert_eq!(read(bad), None, "{bad:?} must be refused");
        }
        let fine = length("200ms", SignedDuration::from_millis(1)).ok();
        assert_eq!(fine, Some(SignedDuration::from_millis(200)));
    }

    #[test]
    fn sizes() {
        assert_eq!(mebibytes("512MiB").ok(), Some(512));
        assert_eq!(mebibytes("2GiB").ok(), Some(2048));
        assert_eq!(gibibytes("1TiB").ok(), Some(1024));
        for bad in ["", "512", "MiB", "512MB", "512M", "1GiB2", "0MiB", "5000TiB", "1.5GiB"] {
            assert!(mebibytes(bad).is_err(), "{bad:?} must be refused");
        }
        assert!(gibibytes("512MiB").is_err());
    }

    #[test]
    fn money() {
        let read = |text| dollars(text).ok();
        assert_eq!([read("$5"), read("$0.25"), read("$12.000001")], [Some(5_000_000), Some(250_000), Some(12_000_001)]);
        for bad in ["", "5", "$", "$.5", "$5.", "$-1", "$1.0000001", "$1e3", "5$", "$99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad:?} must be refused");
        }
    }

    #[test]
    fn processors() {
        let text = |text: &str| millis(&Amount::Millis(text.to_owned())).ok();
        assert_eq!(millis(&Amount::Whole(2)).ok(), Some(2000));
        assert_eq!(text("250m"), Some(250));
        for bad in ["", "m", "0m", "2", "0.5", "+5m", "99999999m"] {
            assert_eq!(text(bad), None, "{bad:?} must be refused");
        }
    }
}
