//! What is left over: a look, before anything is removed.

use super::answer::{Answer, Left, Leftovers};
use super::{Handler, Said};
use crate::rights;
use gantry_commands::Verb;
use gantry_engine::address::Kind;
use gantry_engine::apply::NoPlan;
use gantry_engine::names::{EnvKey, ProjectName};
use gantry_engine::ports::StoreError;
use gantry_engine::receipt::Found;
use std::collections::{BTreeMap, BTreeSet};

impl Handler {
    /// What is left over in every project that the speaker may sweep, as far as they may.
    pub(super) async fn leftovers(&self, said: &Said<'_>) -> Result<Answer, StoreError> {
        let (mut all, mut refused) = (Vec::new(), None);
        for (name, project) in &said.scene.projects {
            let speaker = match self.speaker(&said.scene, project).await {
                Ok(speaker) => speaker,
                Err(answer) => return Ok(answer),
            };
            if let Err(why) = rights::check(project, &speaker, Verb::Sweep.name(), None) {
                refused = Some(why);
                continue;
            }
            let left = match self.engine.leftovers(name).await {
                Ok(found) => {
                    let may =
                        |key: &EnvKey| rights::check(project, &speaker, Verb::Sweep.name(), Some(&key.env)).is_ok();
                    Ok(self.left(found.into_iter().filter(|(key, _)| may(key)).collect()))
                }
                Err(NoPlan::Store(error)) => return Err(error),
                Err(error) => Err(error.to_string()),
            };
            all.push(Leftovers { project: ProjectName::clone(name), left });
        }
        Ok(match refused {
            Some(why) if all.is_empty() => self.no_right(why).await,
            _ => Answer::Leftovers(all),
        })
    }

    fn left(&self, found: BTreeMap<EnvKey, Vec<Found>>) -> Vec<Left> {
        // The kinds of all platforms have names of their own, so whoever knows one tells about it.
        let holds_data = |kind: &Kind| self.engine.platforms.values().any(|platform| platform.rules().holds_data(kind));
        let left = |(key, found): (EnvKey, Vec<Found>)| {
            let data: BTreeSet<Kind> =
                found.iter().map(|thing| &thing.kind).filter(|kind| holds_data(kind)).cloned().collect();
            Left { key, found, data }
        };
        found.into_iter().map(left).collect()
    }
}
