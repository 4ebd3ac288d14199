//! What tasks wrote, and what they go on to write.

use super::answer::{Answer, Logs, No, Until};
use super::{Handler, Said};
use crate::platforms::Absent;
use crate::report;
use crate::watch::{Follow, Followed};
use gantry_commands::{Follow as Wish, Qualified, Question, Verb};
use gantry_engine::names::{EnvName, ServiceName};
use gantry_engine::ports::StoreError;
use gantry_engine::provider::LogQuery;
use jiff::Timestamp;

/// How many log lines are shown, the newest ones.
const LINES: usize = 50;

impl Handler {
    pub(super) async fn logs(
        &self,
        said: &Said<'_>,
        (service, env): (Option<&Qualified<ServiceName>>, Option<&Qualified<EnvName>>),
        since: Option<Timestamp>,
        follow: Option<Wish>,
    ) -> Result<Answer, StoreError> {
        let found = async {
            let service = said.scene.service(service, "logs web in dev")?;
            let env = self.one(said, Verb::Logs, env, |env| env.services.contains_key(&service)).await?;
            Ok((service, env))
        };
        let (service, env) = match found.await {
            Ok(found) => found,
            Err(answer) => return Ok(answer),
        };
        let Some(platform) = self.engine.platform(&env) else {
            return Ok(Answer::No(No::Absent(Absent::of(&env.platform))));
        };
        let place = said.scene.name(&env.key);
        let of = format!("{service} in {place}");
        let channel = said.incoming.channel.clone();
        let what = Followed { channel, key: env.key.clone(), service: service.clone() };
        let length = match follow {
            Some(Wish::Stop) => return Ok(Answer::Unfollowed { some: self.watchers.unfollow(&what), of }),
            Some(Wish::For(length)) => Some(length.duration()),
            None => None,
        };
        let from = self.engine.clock.now();
        let query = LogQuery { service: service.clone(), since, lines: LINES };
        let lines = match platform.logs(&env.key, &query).await {
            Ok(lines) => lines,
            Err(error) => return Ok(Answer::No(No::Platform(error.to_string()))),
        };
        let follow = length.map(|length| {
            let at = from.saturating_add(length).unwrap_or(Timestamp::MAX);
            let (below, shown) = (report::below(said.id, said.incoming), lines.clone());
            self.watchers.follow(Follow { what, of: of.clone(), below, shown, from, until: at });
            let (service, env) = (Some(Qualified::bare(service)), Some(place));
            let end = Question::Logs { service, env, since: None, follow: Some(Wish::Stop) };
            Until { at, ends_by: gantry_commands::Command::Ask(end).to_string() }
        });
        Ok(Answer::Logs(Logs { of, lines, follow }))
    }
}
