//! Meeting the workspace at a start: who the bot is there, and where it talks when nobody asked. What was told the last time is kept
//! in the state directory, so that a start doesn't need Slack: what was begun goes on without it.

use super::install::replace;
use crate::directory::Directory;
use crate::slack::{Connecting, Identity, SlackClient};
use anyhow::Context;
use gantry_engine::names::ChannelId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The version of the file that this program writes.
const VERSION: u32 = 1;

/// What a start needs to know of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    version: u32,
    /// Where it was asked.
    api_url: String,
    pub(super) identity: Identity,
    /// The name of the channel below, as `--channel` gave it.
    channel: String,
    /// Where an environment without a channel is talked about.
    pub(super) fallback: ChannelId,
}

/// Why the workspace wasn't met.
#[derive(Debug)]
pub(super) enum Unmet {
    /// It can't be reached for now.
    Away(anyhow::Error),
    /// It says no, or something else is wrong that trying again doesn't mend.
    Refused(anyhow::Error),
}

impl From<Connecting> for Unmet {
    fn from(error: Connecting) -> Self {
        match error {
            Connecting::Unreachable { .. } => Self::Away(error.into()),
            Connecting::Refused { .. } | Connecting::Certificates(_) => Self::Refused(error.into()),
        }
    }
}

/// Asks the workspace, and remembers what it told.
pub(super) struct Meeting {
    file: PathBuf,
    api_url: String,
    bot_token: SecretString,
    channel: String,
}

impl Meeting {
    pub(super) fn new(dir: &Path, api_url: &str, bot_token: SecretString, channel: &str) -> Self {
        let channel = channel.trim_start_matches('#').to_owned();
        Self { file: dir.join("workspace.json"), api_url: api_url.to_owned(), bot_token, channel }
    }

    /// Asks, and keeps the answer for a start without one.
    pub(super) async fn meet(&self) -> Result<(SlackClient, Known), Unmet> {
        let (client, identity) = SlackClient::connect(&self.api_url, &self.bot_token).await?;
        let channels = client.channels().await.map_err(|error| Unmet::Away(error.into()))?;
        let missing =
            || format!("there is no channel #{}; invite the bot to it, or name another with --channel", self.channel);
        let fallback = channels.get(&self.channel).cloned().with_context(missing).map_err(Unmet::Refused)?;
        let (api_url, channel) = (self.api_url.clone(), self.channel.clone());
        let known = Known { version: VERSION, api_url, identity, channel, fallback };
        self.remember(&known).map_err(Unmet::Refused)?;
        Ok((client, known))
    }

    /// What the last answer was, with a client that goes by it.
    pub(super) fn recall(&self) -> anyhow::Result<Option<(SlackClient, Known)>> {
        let Some(known) = self.read() else { return Ok(None) };
        Ok(Some((SlackClient::known(&self.api_url, &self.bot_token, &known.identity)?, known)))
    }

    fn remember(&self, known: &Known) -> anyhow::Result<()> {
        if self.read().as_ref() == Some(known) {
            return Ok(());
        }
        let text = serde_json::to_vec(known)?;
        replace(&self.file, &text).with_context(|| format!("{} can't be written", self.file.display()))
    }

    /// What is kept, if it is about this workspace and this channel. What a newer version kept isn't read.
    fn read(&self) -> Option<Known> {
        let text = std::fs::read(&self.file).ok()?;
        let known: Known = serde_json::from_slice(&text).ok()?;
        let fits = known.version == VERSION && known.api_url == self.api_url && known.channel == self.channel;
        fits.then_some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_for_the_same_workspace_and_channel() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |api_url: &str, channel: &str| Meeting::new(dir.path(), api_url, "a-token".to_owned().into(), channel);
        let (here, file) = (at("http://here/api", "#general"), dir.path().join("workspace.json"));
        assert_eq!(here.read(), None);
        // As version 1 wrote it; such files lie on disks.
        let text = r#"{"version":1,"api_url":"http://here/api","identity":{"me":"U1","team":"Ours","team_id":"T1","enterprise_id":null},"channel":"general","fallback":"C1"}"#;
        std::fs::write(&file, text).expect("a file");
        let known = here.read().expect("it is read");
        assert_eq!((known.identity.me.as_str(), known.fallback.as_str()), ("U1", "C1"));
        assert_eq!(serde_json::to_string(&known).expect("JSON"), text);
        assert_eq!(at("http://there/api", "general").read(), None);
        assert_eq!(at("http://here/api", "ops").read(), None);
        std::fs::write(&file, &text[..40]).expect("a file");
        assert_eq!(here.read(), None);
        here.remember(&known).expect("a damaged file is replaced");
        assert_eq!(here.read(), Some(known));
    }
}
