//! Who people are, asked of Slack.

use super::client::{CallError, Metadata, SlackClient, Team};
use crate::directory::{Directory, Person, Standing, Unknown};
use async_trait::async_trait;
use gantry_engine::names::{ChannelId, UserId};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct UserInfo {
    user: User,
}

#[derive(Deserialize)]
struct User {
    id: String,
    name: String,
    #[serde(default)]
    tz: Option<String>,
    #[serde(default)]
    team_id: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    is_restricted: bool,
    #[serde(default)]
    is_ultra_restricted: bool,
    #[serde(default)]
    is_stranger: bool,
    #[serde(default)]
    enterprise_user: Option<EnterpriseUser>,
}

/// What a user of an organisation with several workspaces has besides.
#[derive(Deserialize)]
struct EnterpriseUser {
    #[serde(default)]
    enterprise_id: String,
}

impl User {
    /// Whoever isn't known to be one of ours is a stranger (docs.slack.dev, "User object": `is_stranger` is there for
    /// members of other workspaces in shared channels, `team_id` says whose they are).
    fn standing(&self, ours: &Team) -> Standing {
        let team = self.team_id.as_deref();
        let of_our_organisation = ours.enterprise_id.is_some()
            && self.enterprise_user.as_ref().map(|user| user.enterprise_id.as_str()) == ours.enterprise_id.as_deref();
        match () {
            () if self.deleted => Standing::Gone,
            () if self.is_bot => Standing::Bot,
            () if self.is_stranger => Standing::Stranger,
            () if team.is_none_or(|team| team != ours.team_id) && !of_our_organisation => Standing::Stranger,
            () if self.is_restricted || self.is_ultra_restricted => Standing::Guest,
            () => Standing::Member,
        }
    }
}

#[derive(Deserialize)]
struct Groups {
    usergroups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    handle: String,
    #[serde(default)]
    users: Vec<String>,
}

#[derive(Deserialize)]
struct Channels {
    channels: Vec<Channel>,
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Deserialize)]
struct Channel {
    id: String,
    #[serde(default)]
    name: String,
}

fn unknown(what: impl Into<String>) -> impl FnOnce(CallError) -> Unknown {
    let what = what.into();
    move |error| Unknown { what, why: error.to_string() }
}

#[async_trait]
impl Directory for SlackClient {
    async fn person(&self, id: &UserId) -> Result<Person, Unknown> {
        let info: UserInfo = self.get("users.info", &[("user", id.as_str())]).await.map_err(unknown(id.as_str()))?;
        let standing = info.user.standing(&self.team);
        let User { id, name, tz, .. } = info.user;
        Ok(Person { id: UserId::new(id), handle: name, time_zone: tz, standing })
    }

    async fn groups(&self) -> Result<BTreeMap<String, BTreeSet<UserId>>, Unknown> {
        let params = [("include_users", "true")];
        let all: Groups = self.get("usergroups.list", &params).await.map_err(unknown("its user groups"))?;
        let members = |group: Group| (group.handle, group.users.into_iter().map(UserId::new).collect());
        Ok(all.usergroups.into_iter().map(members).collect())
    }

    async fn channels(&self) -> Result<BTreeMap<String, ChannelId>, Unknown> {
        let mut found = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let params = [("types", "public_channel,private_channel"), ("limit", "200"), ("cursor", cursor.as_str())];
            let page: Channels = self.get("conversations.list", &params).await.map_err(unknown("its channels"))?;
            found.extend(page.channels.into_iter().map(|channel| (channel.name, ChannelId::new(channel.id))));
            cursor = page.response_metadata.next_cursor;
            if cursor.is_empty() {
                return Ok(found);
            }
        }
    }
}
