//! `cargo +nightly fuzz run parse`: any text is read or refused. What is read has a canonical form that reads back the
//! same; what is refused points into the text and shows an example that works. The same as a property test holds in
//! `commands/tests/it/properties.rs`, without coverage to guide it.
#![no_main]

use gantry_commands::{Context, MAX_CHARS, Names, Vocabulary, complete, parse};
use gantry_engine::names::{EnvName, ProjectName, ServiceName};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let services = ["web", "api", "to", "8h"].map(|name| ServiceName::new(name).expect("a service name"));
    let environments = ["dev", "prod", "in", "12"].map(|name| EnvName::new(name).expect("an environment name"));
    let names = Names::new(services, environments, []).with_new(["pr-*".to_owned()]);
    let mut vocabulary = Vocabulary::new();
    vocabulary.insert(ProjectName::new("shop").expect("a project name"), names);
    vocabulary
});

static ZONE: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX time zone"));

/// Saturday 2026-10-24, 10:00 UTC: the night after, the clocks go back.
const NOW: i64 = 1_792_836_000;

fuzz_target!(|text: &str| {
    let now = Timestamp::from_second(NOW).expect("a moment");
    let cx = Context { now, zone: ZONE.clone(), vocabulary: &VOCABULARY, me: None };
    match parse(text, &cx) {
        Ok(None) => {}
        Ok(Some(command)) => {
            let canonical = command.to_string();
            // Each `<` in a reason is written with four characters, so the form can outgrow the limit.
            if canonical.chars().count() <= MAX_CHARS {
                assert_eq!(parse(&canonical, &cx), Ok(Some(command)), "{canonical:?}");
            }
        }
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            assert!(matches!(parse(&error.example, &cx), Ok(Some(_))), "{error:?}");
            let _ = (error.to_string(), error.caret(text));
        }
    }
    for cursor in [0, text.len() / 2, text.len()] {
        let _ = complete(text, cursor, &VOCABULARY);
    }
});
