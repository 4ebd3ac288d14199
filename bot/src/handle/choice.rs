//! A question back: each of its choices becomes the whole command that was said, with its environment filled in, so
//! that a click says exactly that and nothing else.

use super::answer::{Answer, Choice};
use gantry_commands::{Command, Qualified};
use gantry_engine::names::EnvName;

/// Completes a question about environments; any other answer stays as it is.
pub(super) fn complete(answer: Answer, command: &Command) -> Answer {
    let Answer::Asked(Choice { what, choices }) = answer else { return answer };
    let whole = |name: &str| Some(within(command.clone(), environment(name)?).to_string());
    let choices = choices.into_iter().filter_map(|(label, name)| Some((label, whole(&name)?))).collect();
    Answer::Asked(Choice { what, choices })
}

pub(super) fn environment(name: &str) -> Option<Qualified<EnvName>> {
    Some(match name.split_once('/') {
        Some((project, env)) => Qualified::of(project.parse().ok()?, env.parse().ok()?),
        None => Qualified::bare(name.parse().ok()?),
    })
}

/// The same command, said of one environment.
fn within(mut command: Command, env: Qualified<EnvName>) -> Command {
    if let Some(place) = command.env_mut() {
        *place = Some(env);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use gantry_commands::{Context, Names, Vocabulary, parse};
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    fn chosen(text: &str) -> String {
        let mut vocabulary = Vocabulary::new();
        let names = Names::new(["web".parse().unwrap()], ["dev".parse().unwrap()], []);
        vocabulary.insert("shop".parse().unwrap(), names);
        let context = Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC, vocabulary: &vocabulary, me: None };
        let command = parse(text, &context).unwrap().unwrap();
        let choices = vec![("dev".to_owned(), "shop/dev".to_owned())];
        match complete(Answer::Asked(Choice { what: "environment", choices }), &command) {
            Answer::Asked(Choice { choices, .. }) => choices[0].1.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_choice_says_what_was_said() {
        assert_eq!(chosen("deploy web"), "deploy web to shop/dev");
        assert_eq!(chosen("scale web 3 because I want to"), "scale web to 3 in shop/dev because I want to");
        assert_eq!(chosen("plan deploy web"), "plan deploy web to shop/dev", "looking is not doing");
        assert_eq!(chosen("status dev"), "status in shop/dev");
        assert_eq!(chosen("outputs"), "outputs shop/dev");
        assert_eq!(chosen("history web"), "history web in shop/dev");
        assert_eq!(chosen("logs web since 10m"), chosen("logs web in dev since 10m"));
        assert_eq!(chosen("logs web follow for 9m"), "logs web in shop/dev follow for 9m");
        assert_eq!(chosen("kill web-1 in dev"), "kill web-1 in shop/dev");
    }
}
