//! Moments, said on Friday 2026-11-20 at 10:00 in Berlin unless a test says otherwise.

use super::*;
use crate::Vocabulary;
use crate::scan::scan;
use jiff::tz::TimeZone;

const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

fn read_at(now: &str, zone: &str, text: &str, sense: Sense) -> Result<String, InstantProblem> {
    let vocabulary = Vocabulary::new();
    let zone = TimeZone::posix(zone).expect("a POSIX time zone");
    let cx = Context { now: now.parse().expect("a moment"), zone, vocabulary: &vocabulary, me: None };
    let scan = scan(text);
    let mut reader = Reader::new(text, &scan, &cx);
    let moment = if sense == Sense::Since { read_since(&mut reader) } else { read(&mut reader, sense) };
    let left = reader.peek().map(|token| token.span.clone());
    match moment {
        Ok(moment) => {
            assert_eq!(left, None, "{text:?} isn't read to its end");
            Ok(moment.echo())
        }
        Err(error) => match *error.kind {
            ErrorKind::BadInstant(why) => Err(why),
            other => panic!("{other:?}"),
        },
    }
}

fn berlin(text: &str, sense: Sense) -> Result<String, InstantProblem> {
    read_at("2026-11-20T09:00:00Z", BERLIN, text, sense)
}

#[test]
fn moments_to_come() {
    let cases = [
        ("18:00", "Fri 2026-11-20 18:00 CET"),
        ("18:00:30", "Fri 2026-11-20 18:00:30 CET"),
        ("9:00", "Sat 2026-11-21 09:00 CET"),
        ("10:00", "Sat 2026-11-21 10:00 CET"),
        ("6pm", "Fri 2026-11-20 18:00 CET"),
        ("6 PM", "Fri 2026-11-20 18:00 CET"),
        ("6:30pm", "Fri 2026-11-20 18:30 CET"),
        ("12am", "Sat 2026-11-21 00:00 CET"),
        ("12pm", "Fri 2026-11-20 12:00 CET"),
        ("noon", "Fri 2026-11-20 12:00 CET"),
        ("today 18:00", "Fri 2026-11-20 18:00 CET"),
        ("tomorrow 9am", "Sat 2026-11-21 09:00 CET"),
        ("tomorrow at 9 am", "Sat 2026-11-21 09:00 CET"),
        ("9am tomorrow", "Sat 2026-11-21 09:00 CET"),
        ("9am on monday", "Mon 2026-11-23 09:00 CET"),
        ("fri 18:00", "Fri 2026-11-20 18:00 CET"),
        ("fri 9am", "Fri 2026-11-27 09:00 CET"),
        ("Thursday, 9am", "Thu 2026-11-26 09:00 CET"),
        ("2026-12-24 18:00", "Thu 2026-12-24 18:00 CET"),
        ("2027-06-01 18:00", "Tue 2027-06-01 18:00 CEST"),
        ("2026-12-24T18:00", "Thu 2026-12-24 18:00 CET"),
        ("2026-12-24t18:00:00z", "Thu 2026-12-24 19:00 CET"),
        ("2026-12-24T18:00:00-05:00", "Fri 2026-12-25 00:00 CET"),
        ("in 2h", "Fri 2026-11-20 12:00 CET"),
        ("in 1 day 30 mins", "Sat 2026-11-21 10:30 CET"),
        ("<!date^1795554000^{date}|soon>", "Tue 2026-11-24 22:00 CET"),
    ];
    for (text, meant) in cases {
        assert_eq!(berlin(text, Sense::At).as_deref(), Ok(meant), "{text}");
    }
}

#[test]
fn a_day_alone_is_counted_in_after_until() {
    let cases = [
        ("fri", "Fri 2026-11-27 00:00 CET", "Sat 2026-11-21 00:00 CET"),
        ("sat", "Sat 2026-11-21 00:00 CET", "Sun 2026-11-22 00:00 CET"),
        ("tomorrow", "Sat 2026-11-21 00:00 CET", "Sun 2026-11-22 00:00 CET"),
        ("2026-12-24", "Thu 2026-12-24 00:00 CET", "Fri 2026-12-25 00:00 CET"),
    ];
    for (text, at, until) in cases {
        assert_eq!(berlin(text, Sense::At).as_deref(), Ok(at), "at {text}");
        assert_eq!(berlin(text, Sense::Until).as_deref(), Ok(until), "until {text}");
    }
    assert_eq!(berlin("today", Sense::Until).as_deref(), Ok("Sat 2026-11-21 00:00 CET"));
    assert!(matches!(berlin("today", Sense::At), Err(InstantProblem::Past(_))));
}

#[test]
fn moments_that_were() {
    let cases = [
        ("10m", "Fri 2026-11-20 09:50 CET"),
        ("2 hours ago", "Fri 2026-11-20 08:00 CET"),
        ("9:00", "Fri 2026-11-20 09:00 CET"),
        ("18:00", "Thu 2026-11-19 18:00 CET"),
        ("yesterday 18:00", "Thu 2026-11-19 18:00 CET"),
        ("today", "Fri 2026-11-20 00:00 CET"),
        ("fri", "Fri 2026-11-20 00:00 CET"),
        ("sat", "Sat 2026-11-14 00:00 CET"),
        ("fri 18:00", "Fri 2026-11-13 18:00 CET"),
        ("2026-11-01", "Sun 2026-11-01 00:00 CET"),
    ];
    for (text, meant) in cases {
        assert_eq!(berlin(text, Sense::Since).as_deref(), Ok(meant), "{text}");
    }
    assert!(matches!(berlin("tomorrow", Sense::Since), Err(InstantProblem::Future(_))));
    assert_eq!(berlin("2020-01-01", Sense::Since), Err(InstantProblem::TooFar));
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in
        ["18", "25:00", "13pm", "0am", "9:5", "9:60", "next fri", "12/24", "24.12.", "2026-13-01", "soon", "ü", "`fri`"]
    {
        assert!(matches!(berlin(text, Sense::At), Err(InstantProblem::Shape(_))), "{text}");
    }
    for text in
        ["today 9am", "2026-11-19", "2020-01-01 18:00", "2026-11-20T08:59:59Z", "yesterday", "<!date^0^{date}|then>"]
    {
        assert!(matches!(berlin(text, Sense::At), Err(InstantProblem::Past(_))), "{text}");
    }
    for text in ["2030-01-01", "9999-12-31", "9999-12-31 23:59", "<!date^253402207200^{date}|then>"] {
        assert_eq!(berlin(text, Sense::Until), Err(InstantProblem::TooFar), "{text}");
    }
}

#[test]
fn a_time_that_comes_twice_is_refused_with_both() {
    let said = read_at("2026-10-24T12:00:00Z", BERLIN, "sun 2:30", Sense::At);
    let Err(InstantProblem::Ambiguous(both)) = said else { panic!("{said:?}") };
    assert_eq!(both.to_string(), "say `2026-10-25T02:30:00+02:00` or `2026-10-25T02:30:00+01:00`");
    for text in ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"] {
        let offset = if text.ends_with("+02:00") { "CEST" } else { "CET" };
        let said = read_at("2026-10-24T12:00:00Z", BERLIN, text, Sense::At);
        assert_eq!(said, Ok(format!("Sun 2026-10-25 02:30 {offset}")));
    }
}

#[test]
fn a_time_that_does_not_come_is_refused_with_its_neighbours() {
    let said = read_at("2027-03-27T12:00:00Z", BERLIN, "tomorrow 2:30", Sense::At);
    let Err(InstantProblem::Gap(both)) = said else { panic!("{said:?}") };
    assert_eq!(both.to_string(), "say `2027-03-28T01:30:00+01:00` or `2027-03-28T03:30:00+02:00`");
}

#[test]
fn an_unclear_time_that_is_over_anyway_does_not_matter() {
    // 12:00 on the day the clocks went back: the next 2:30 is tomorrow's.
    let said = read_at("2026-10-25T11:00:00Z", BERLIN, "2:30", Sense::At);
    assert_eq!(said.as_deref(), Ok("Mon 2026-10-26 02:30 CET"));
    // Between the two: it may be over, or come once more.
    let said = read_at("2026-10-25T01:00:00Z", BERLIN, "2:30", Sense::At);
    assert!(matches!(said, Err(InstantProblem::Ambiguous(_))), "{said:?}");
}

#[test]
fn a_day_begins_also_where_midnight_does_not_come() {
    // A zone that goes from 00:00 to 01:00 on the last Sunday of March.
    let said = read_at("2027-03-26T12:00:00Z", "<+02>-2<+03>,M3.5.0/0,M10.5.0/0", "sun", Sense::At);
    assert_eq!(said.as_deref(), Ok("Sun 2027-03-28 01:00 +03"));
}

#[test]
fn the_ends_of_time_are_no_panic() {
    for now in [Timestamp::MIN, Timestamp::MAX] {
        for text in ["18:00", "tomorrow", "fri", "in 366d", "yesterday 9am", "0:00", "since"] {
            for sense in [Sense::At, Sense::Until, Sense::Since] {
                let vocabulary = Vocabulary::new();
                let zone = TimeZone::posix(BERLIN).expect("a POSIX time zone");
                let cx = Context { now, zone, vocabulary: &vocabulary, me: None };
                let scan = scan(text);
                let _ = read(&mut Reader::new(text, &scan, &cx), sense);
            }
        }
    }
}
