//! Hundreds of texts and what becomes of them, as snapshots: the canonical command, or the error as people see it.
//! `INSTA_UPDATE=always cargo test -p gantry-commands --test it front_door` writes them again; read the difference.

use crate::shop::{context, vocabulary};
use gantry_commands::{Verb, parse};
use std::fmt::Write as _;

/// What becomes of each text.
fn told(texts: &[&str]) -> String {
    let vocabulary = vocabulary();
    let cx = context(&vocabulary);
    let mut out = String::new();
    for text in texts {
        let _ = writeln!(out, "> {}", text.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\""));
        let _ = match parse(text, &cx) {
            Ok(None) => writeln!(out, "(nothing)\n"),
            Ok(Some(command)) => match command.moment() {
                Some(moment) => writeln!(out, "{command}   ({})\n", moment.echo()),
                None => writeln!(out, "{command}\n"),
            },
            Err(error) => {
                let caret = error.caret(text).replace('\n', "\n    ");
                writeln!(out, "ERROR {error}\n    {caret}\n  for example: {}\n", error.example)
            }
        };
    }
    out
}

macro_rules! tell {
    ($name:ident, $($text:expr),* $(,)?) => {
        #[test]
        fn $name() {
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(told(&[$($text),*])) });
        }
    };
}

tell! { deploys,
    "deploy web to dev", "Deploy Web To Dev", "DEPLOY WEB TO DEV", "ship web to dev", "deploy web in dev", "deploy web on dev",
    "deploy web", "deploy web:1.4.2", "deploy web:broken to dev", "deploy web:V1_a+b-c.d to dev", "deploy web:latest, api:2 to dev",
    "deploy web,api,db to dev", "deploy web and api and db to dev", "deploy web api to dev", "deploy to dev web",
    "deploy web to dev for 8h", "deploy for 8h web to dev", "deploy web for 8h to dev because it is needed",
    "deploy web to dev until fri 18:00", "deploy web to dev until 2026-12-24", "deploy web to pr-12 for 2d",
    "deploy shop/web to shop/dev", "deploy shop/web:1 to dev", "deploy shop/web, shop/api to shop/prod for 1w",
    "deploy web:sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to dev",
    "deploy web to prod because the fix, for checkout, is in it; see #12!", "deploy `to` to `in` for 1h",
    "deploy", "deploy to dev", "deploy wbe to dev", "deploy web: to dev", "deploy :1 to dev", "deploy web:1:2 to dev",
    "deploy web:sha256:123 to dev", "deploy web:/etc/passwd to dev", "deploy web, web to dev", "deploy web:1, web:2 to dev",
    "deploy web to", "deploy web to dev to prod", "deploy web to dev for", "deploy web to dev for 8", "deploy web to dev for for",
    "deploy web to dev for 8h until fri", "deploy web to dev because", "deploy web to stagng", "deploy web to newenv",
    "deploy web to 8h", "deploy web in 2h", "deploy shop/web to blog/dev", "deploy shpo/web to dev", "deploy shop/cms to dev",
    "deploy shop/ to dev", "deploy /web to dev", "deploy shop/web/x to dev", "deploy web@1.2 to dev", "deploy <@U7> to dev",
    "deploy <#C7|web> to dev", "deploy web to <!here>", "deploy everything to everywhere", "deploy dev to web",
    "deploy web to dev with volumes", "deploy web to dev by 2h", "deploy web_1 to dev", "deploy wéb to dev",
}

tell! { other_changes,
    "scale web 5", "scale api to 5 in dev", "scale 5", "scale to 5", "scale api 0", "scale in prod api 7", "scale api 5 to dev",
    "scale", "scale web", "scale web many", "scale web -1", "scale web 1.5", "scale web 10001", "scale web 99999999999999999999",
    "scale web 5 6", "scale web 5 dev", "scale web api 5", "scale web:2 5", "scale wbe 5", "scale web to dev", "scale web to five",
    "scale web 5 for 8h", "scale web 5 in dve",
    "rollback web in dev", "rollback web to 12 in dev", "roll back web to #12", "rollback", "rollback to 12", "rollback web to dev",
    "rollback web to 1.4.2", "rollback web to dev to 12", "rollback web to r12", "rollback web r12", "rollback web 12", "rollback web to 99999999999999999999",
    "restart web in dev", "restart", "restart web", "restart web dev", "restart web, api in dev", "restart dev", "restrat web",
    "provision dev", "provision in dev", "provision pr-7 for 90m", "provision", "provision web", "provision dev 8h",
    "teardown dev", "tear down dev", "destroy dev", "teardown dev at 18:00", "teardown dev in 2h", "teardown in dev in 2h",
    "teardown in 2h", "teardown dev with volumes", "teardown dev with volumes at 6pm because done", "teardown dev with",
    "teardown dev with love", "teardown dev at", "teardown dev at yesterday", "teardown dev now", "teardown pr-99", "teardown everything",
    "extend dev by 2h", "extend dev until tomorrow 9am", "extend by 2h", "extend dev", "extend dev 2h", "extend dev for 2h",
    "extend dev by fri", "extend dev until 2h", "extend dev by 2h until fri", "extend dev by 400d",
    "keep dev", "keep", "keep dev forever", "keep dev because the demo is on Monday",
    "plan deploy web to dev", "preview scale web 5", "plan", "plan teardown dev with volumes", "plan status", "plan approve op-1",
    "plan plan deploy web to dev", "plan web to dev", "plan deploy wbe to dev", "plan reload", "plan kill web-1 in dev",
}

tell! { operations_and_questions,
    "approve", "approve op-17", "approve OP-17", "approve 17", "approve #17", "approve op-17 because it looks right", "approve because yes",
    "approve op-", "approve op-x", "approve seventeen", "approve op-17 op-18", "approve op17", "approve in dev", "approve <@U7>",
    "reject", "reject op-17 because it would replace the database", "cancel", "cancel op-3", "cancel 3 because of a typo", "retry",
    "retry op-3", "retry op-3 because", "aprove op-17", "reload", "reload shop", "relaod", "kill web-1 in dev", "kill web-1", "kill a-2 on prod",
    "kill", "kill in dev", "kill web-1 web-2 in dev", "kill i-0abc123 in dev because we rehearse", "kill ../x in dev", "kill web 1 in dev",
    "status", "status?", "ps", "status dev", "status web", "status web in dev", "status in dev", "status shop/dev", "status blog/web",
    "status wbe", "status of web", "status dev prod", "status web dev", "status nothing", "status nope/web", "statsu",
    "outputs dev", "outputs", "output in dev", "outputs web", "history", "history web", "history dev", "history pr-3", "history web in prod",
    "history op-17", "logs web in dev", "logs web", "logs", "logs web since 10m", "logs web in dev since 09:00", "logs web since yesterday 18:00",
    "logs web since 2 hours ago", "logs web since fri", "logs web since", "logs web since tomorrow", "logs web since 2h30", "logs web 10m", "log api in prod",
    "whoami", "whoami?", "whoami now", "who am I", "help", "?", "help deploy", "help tear down", "help me", "help deploy scale", "hepl", "h",
}

tell! { times,
    "teardown dev at 18:00", "teardown dev at 18:00:01", "teardown dev at 9:00", "teardown dev at 6pm", "teardown dev at 6 pm",
    "teardown dev at 12am", "teardown dev at noon", "teardown dev at tomorrow 9am", "teardown dev at 9am tomorrow",
    "teardown dev at tomorrow at 9:30 am", "teardown dev at fri 18:00", "teardown dev at Friday", "teardown dev at fri 9am",
    "teardown dev at 2026-12-24", "teardown dev at 2026-12-24 18:00", "teardown dev at 18:00 on 2026-12-24",
    "teardown dev at 2026-12-24T18:00", "teardown dev at 2026-12-24T18:00:00Z", "teardown dev at 2026-12-24T18:00:00+05:30",
    "teardown dev at in 2h", "teardown dev in 1 day", "teardown dev at <!date^1798000000^{date}|soon>", "teardown dev at 2027-06-01 12:00",
    "extend dev until today", "extend dev until fri", "extend dev until sun", "extend dev until 2026-12-24", "extend dev until in 3 days",
    "teardown dev at 18", "teardown dev at 24:00", "teardown dev at 18:60", "teardown dev at 13pm", "teardown dev at 0pm", "teardown dev at soon",
    "teardown dev at next fri", "teardown dev at 24/12/2026", "teardown dev at 24.12.", "teardown dev at 2026-02-30", "teardown dev at today 9am",
    "teardown dev at 2026-11-19", "teardown dev at 2026-11-20T08:00:00Z", "teardown dev at 2028-01-01", "teardown dev at 9999-12-31 23:59",
    "teardown dev at 99999-01-01", "teardown dev at 2027-03-28 02:30", "teardown dev at 2027-10-31 02:30", "extend dev until 2027-03-28T02:30",
    "teardown dev at 2027-10-31T02:30:00+02:00", "teardown dev at 18:00 19:00", "teardown dev at fri sat", "teardown dev at `fri`",
    "extend dev by 90s", "extend dev by 1h30m", "extend dev by 1h 30m", "extend dev by 2 days", "extend dev by 1 week, 2 days", "extend dev by 90 minutes",
    "extend dev by 1w2d3h4m5s", "extend dev by 8H", "extend dev by 366d", "extend dev by 367d", "extend dev by 0s", "extend dev by 0h0m",
    "extend dev by -2h", "extend dev by 1.5h", "extend dev by 1,5h", "extend dev by 2", "extend dev by h", "extend dev by 2 fortnights",
    "extend dev by 30m1h", "extend dev by 1h1h", "extend dev by 2h3", "extend dev by 18446744073709551615w",
    "extend dev by 99999999999999999999999999999999s", "extend dev by 1month", "extend dev by two hours", "extend dev by <@U7>",
}

tell! { slack_and_phones,
    "<@UBOT> deploy web to dev", "<@UBOT|gantry>: deploy web to dev", "<@UBOT>, status", "@gantry status", "Gantry, status?", "/gantry status",
    "<@UBOT>", "<@UBOT> ", "/gantry", "<@UDEVELOPER> deploy web to dev", "<@UBOT> <@UDEVELOPER> status", "<@UBOT>\nstatus", "status <@UBOT>",
    "", " ", "\n\n", "> deploy web to dev", "&gt; deploy web to dev\nstatus", ">>> a\nb", "```deploy web to dev```", "```\ndeploy web to dev\n```\nstatus",
    "status ```\nlogs\n```", "`deploy web to dev`", "deploy `web` to `dev`", "deploy `web`:1.2 to dev", "deploy `web:1.2` to dev", "“deploy web to dev”",
    "deploy “web” to ‘dev’", "deploy web to dev — because it’s needed", "deploy web to dev —for 8h", "deploy web to dev --for 8h", "deploy web to pr–12",
    "deploy\u{a0}web\u{2003}to\tdev", "de\u{200b}ploy w\u{ad}eb to dev\u{feff}", "deploy web to dev.", "deploy web to dev!!", "deploy web:1.2 to dev, please",
    "deploy web:<http://v1.io|v1.io> to dev", "deploy <http://web.io|web> to dev", "deploy web to dev because <https://x.test/a|this> &amp; &lt;that&gt;",
    "deploy web to dev because <@UDEVELOPER|developer> asked in <#C1|ops>", "deploy web to dev because of &amp;amp; and ```code``` here", "status\nreload",
    "deploy web to dev\nfor 8h", "status\n> quoted", "deploy web\r\nto dev", "*deploy* web to dev :rocket:", "~deploy web to dev~", "deploy :rocket: to dev", "status <@UBOT|gantry>!", "status\u{2028}dev",
}

tell! { hostile,
    "<!channel>", "<!channel> deploy web to dev", "deploy <!everyone> to dev", "deploy web to dev because <!channel> look", "{{deploy}}", "deploy {{web}} to dev",
    "<script>alert(1)</script>", "deploy <b>web</b> to dev", "\u{202e}ved ot bew yolped", "deploy \u{202e}bew to dev", "\u{1b}[31mdeploy\u{1b}[0m web to dev",
    "deploy \u{1b}[2Jx to dev", "deploy w\u{0}eb to dev", "deploy '; DROP TABLE operations; -- to dev", "deploy $(reboot) to dev", "deploy `reboot` to dev",
    "deploy ../../etc to dev", "deploy web to dev\u{7}", "deploy 💥 to 🌍", "deploy w̷e̷b̷ to dev", "𝒟eploy web to dev", "dеploy web to dev", "ＤＥＰＬＯＹ web to dev",
    "<", "<<<<", "<@", "<@>", "<!date^9999999999999999999^x|y> web", "&", "&amp;", "&lt;", ",,,,", "....", "----", "``", "````", "`", "\"", "''", "!?", "??",
    "deploy aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa to dev", "good morning", "thanks!", "dep loy web", "status; reload",
}

#[test]
fn a_text_beyond_slacks_limit_is_refused_early() {
    let vocabulary = vocabulary();
    let long = format!("deploy web to dev because {}", "ü".repeat(gantry_commands::MAX_CHARS));
    let error = parse(&long, &context(&vocabulary)).expect_err("too long");
    assert_eq!(error.to_string(), "that's too long for a command: 4026 characters, and at most 4000 are read");
    let just: String = long.chars().take(gantry_commands::MAX_CHARS).collect();
    assert!(parse(&just, &context(&vocabulary)).is_ok());
}

#[test]
fn commands_as_json() {
    let vocabulary = vocabulary();
    let cx = context(&vocabulary);
    let lines = Verb::ALL.iter().flat_map(|verb| verb.spec().examples).map(|example| {
        let command = parse(example, &cx).unwrap_or_else(|error| panic!("{example}: {error}"));
        serde_json::to_string(&command).expect("a command is JSON")
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(lines) });
}
