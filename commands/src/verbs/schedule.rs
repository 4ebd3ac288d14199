//! `schedule`: a command that comes again by itself. The command is read here as it will be read then, so that what is
//! wrong with it is told now, and at its place.

use super::{Category, Verb, VerbSpec};
use crate::ast::Scheduling;
use crate::error::{ErrorKind, ParseError, What};
use crate::reader::{Reader, read};
use crate::refer::Existence;
use crate::scan::visible;
use crate::{Command, Control, Question, Reason, refer, rule};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Schedule,
    name: "schedule",
    aliases: &[],
    category: Category::Schedule,
    summary: "Says a command by itself, again and again or once, with your rights of then.",
    usage: "schedule \"COMMAND\" every WHEN | on DATE at TIME | cron \"FIELDS\" [in ZONE] [because REASON]; schedule pause ID; schedule resume ID",
    notes: &[
        "WHEN is `day`, `weekday`, `weekend` or days (`mon, wed`), with `at TIME`; or a length of time (`every 2h`), at least 5 minutes.",
        "Times are of ZONE (`Europe/Berlin`), or else of yours. A time that clocks leave out is the end of the gap; one that they show twice is the first.",
        "`cron` takes minute, hour, day of the month, month and day of the week.",
        "It runs with the rights that you have then, where you said it; if you have lost the right, it stops and tells you.",
        "You need not confirm what it does, since you have said so; the votes of others are asked for each time.",
        "While what the last run started is still going on, a run is skipped, and that is said.",
        "After a time in which nobody was there, the newest missed run is caught up with if it is less than 1 hour late; others are only told.",
    ],
    examples: &[
        "schedule \"scale web to 0 in dev\" every weekday at 19:00",
        "schedule \"deploy web to dev for 8h\" every mon, thu at 9am in Europe/Berlin because the team tests then",
        "schedule \"status dev\" every 2h",
        "schedule \"teardown dev\" on 2026-12-24 at 18:00",
        "schedule \"restart web in dev\" cron \"0 4 * * 1-5\"",
        "schedule pause s-3",
        "schedule resume s-3",
    ],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, _: &'static VerbSpec) -> Result<Command, ParseError> {
    for (word, make) in [("pause", Scheduling::pause as fn(_) -> _), ("resume", Scheduling::resume)] {
        if reader.next_word().is_some_and(|next| next.eq_ignore_ascii_case(word)) {
            reader.take();
            let id = refer::schedule(reader)?;
            reader.nothing_more()?;
            return Ok(Command::Schedule(make(id)));
        }
    }
    let example = ["\"scale web to 0 in dev\""];
    let quoted = reader.quoted().ok_or_else(|| reader.missing_first(What::Quoted).expecting(example))?;
    let words = visible(reader.source(&quoted)).trim().to_owned();
    let inner = |mut error: ParseError| {
        error.span = quoted.start + error.span.start..quoted.start + error.span.end;
        error
    };
    let said = read(reader.source(&quoted), reader.cx).map_err(inner)?;
    let said = said.ok_or_else(|| ParseError::new(ErrorKind::Missing(What::Verb), quoted.clone()))?.command;
    if !comes_again(&said) {
        return Err(ParseError::new(ErrorKind::NotScheduled(said.verb()), quoted));
    }
    let (rule, zone) = rule::read(reader)?;
    let because = because(reader)?;
    Ok(Command::Schedule(Scheduling::Make { words, command: Box::new(said), rule, zone, because }))
}

/// What changes something or asks. Votes and signals are about what is there now, and a follow ends before anybody looks.
fn comes_again(command: &Command) -> bool {
    match command {
        Command::Change(_) | Command::Plan(_) => true,
        Command::Ask(question) => !matches!(question, Question::Logs { follow: Some(_), .. }),
        Command::Control(control) => !matches!(control, Control::Cancel { .. } | Control::Retry { .. }),
        Command::Decide(_) | Command::Schedule(_) => false,
    }
}

fn because(reader: &mut Reader<'_>) -> Result<Option<Reason>, ParseError> {
    let Some(token) = reader.peek() else { return Ok(None) };
    if !token.bare().is_some_and(|word| word.eq_ignore_ascii_case("because")) {
        return Err(reader.unexpected(token).expecting(["in ZONE", "because REASON"]));
    }
    reader.take();
    reader.rest_of_line().map(Some).ok_or_else(|| reader.missing(What::Reason).expecting(["of a good reason"]))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal, said};

    const SCALE: &str = "schedule \"scale web to 0 in dev\"";

    #[test]
    fn what_nobody_sees_is_not_kept() {
        let made = canonical("schedule \"\u{1b}[31mscale web\tto 0 in\u{202e} dev\" every 2h");
        assert_eq!(made, "schedule \"scale web to 0 in dev\" every 2h");
    }

    #[test]
    fn when_as_people_say_it() {
        for (said, meant) in [
            ("every weekday at 19:00", "every weekday at 19:00"),
            ("every weekday 7pm", "every weekday at 19:00"),
            ("every monday, wed and fri at 7:30", "every mon, wed, fri at 07:30"),
            ("every mon,tue,wed,thu,fri at noon", "every weekday at 12:00"),
            ("every weekend at 9am in europe/berlin", "every weekend at 09:00 in Europe/Berlin"),
            ("every day at 00:05 because it is late", "every day at 00:05 because it is late"),
            ("every 2 hours", "every 2h"),
            ("every hour", "every 1h"),
            ("on 2026-12-24 at 18:00", "on 2026-12-24T17:00:00Z"),
            ("on 2026-12-24 at 18:00 in America/New_York", "on 2026-12-24T23:00:00Z in America/New_York"),
            ("tomorrow at 9am", "on 2026-11-21T08:00:00Z"),
            ("in 90m", "on 2026-11-20T10:30:00Z"),
            ("cron \"0 19 * * 1-5\" in UTC", "cron \"0 19 * * 1-5\" in UTC"),
            ("cron `0 19 * * MON`", "cron \"0 19 * * MON\""),
        ] {
            assert_eq!(canonical(&format!("{SCALE} {said}")), format!("{SCALE} {meant}"), "{said}");
        }
    }

    #[test]
    fn the_command_between_any_quotes() {
        for text in ["“status dev” every 2h", "`status dev` every 2h", "\" status dev \" every 2h"] {
            let quote = if text.contains('`') { '`' } else { '"' };
            let quote = if quote == '`' { '"' } else { quote };
            assert_eq!(canonical(&format!("schedule {text}")), format!("schedule {quote}status dev{quote} every 2h"));
        }
        assert_eq!(
            canonical("schedule `keep dev because \"tests\"` every 2h"),
            "schedule `keep dev because \"tests\"` every 2h"
        );
        assert_eq!(canonical("schedule pause 3"), "schedule pause s-3");
        assert_eq!(canonical("schedule resume s-3"), "schedule resume s-3");
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let error = said("schedule \"scale wbe to 0 in dev\" every 2h").unwrap_err();
        assert_eq!(error.to_string(), "there's no service `wbe`; did you mean `web`?");
        assert_eq!(error.span, 16..19);
        assert_eq!(error.example, "schedule \"scale web to 0 in dev\" every 2h");
        assert_eq!(refusal("schedule scale web to 0 every 2h"), "the command in quotes is missing");
        assert_eq!(
            refusal("schedule \"approve op-3\" every 2h"),
            "`approve` can't be scheduled; a schedule changes something or asks"
        );
        assert_eq!(
            refusal("schedule \"schedule pause 3\" every 2h"),
            "`schedule` can't be scheduled; a schedule changes something or asks"
        );
        assert_eq!(refusal("schedule \"\" every 2h"), "the command is missing");
        assert_eq!(refusal(SCALE), "the time at which it comes again is missing");
        assert_eq!(refusal(&format!("{SCALE} every 2m")), "that's too often; at most every 5 minutes");
        assert_eq!(refusal(&format!("{SCALE} every weekday")), "the time is missing");
        assert_eq!(
            refusal(&format!("{SCALE} every moonday at 9am")),
            "`moonday` isn't a day or a length of time; did you mean `monday`?"
        );
        assert_eq!(refusal(&format!("{SCALE} every day at 25:00")), "`25:00` isn't a time");
        assert_eq!(
            refusal(&format!("{SCALE} every day at 9am in Europe/Berln")),
            "there's no time zone `Europe/Berln`; did you mean `Europe/Berlin`?"
        );
        assert_eq!(refusal(&format!("{SCALE} cron \"0 0 31 2 *\"")), "that never comes");
        assert_eq!(
            refusal(&format!("{SCALE} cron \"0 0 31\"")),
            "`0 0 31` isn't cron's five fields: it has 3 fields, and cron has five"
        );
        assert_eq!(
            refusal(&format!("{SCALE} on 2026-11-20 at 9am")),
            "Fri 2026-11-20 09:00 CET is over; it has to be a time to come"
        );
        assert_eq!(refusal(&format!("{SCALE} every day at 9am please")), "`please` doesn't fit here");
    }
}
