//! The driver of `aws.log-group`. Its name is unique, and only its mark's.
//!
//! One that is to be kept stays when its environment goes: its address is taken off its tags, so that it is nobody's
//! resource any more, and its retention ends it in time.

use super::{Aws, Drive, Listing, Result, Want, gone, gone_but, observed, trouble};
use crate::kinds::{LogGroup, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Seen;
use gantry_engine::address::Mark;
use gantry_engine::ports::Whose;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::collections::HashMap;
use std::time::Duration;

/// The tag of one that stays.
const KEEP: &str = "gantry:keep";
const MISSING: &[&str] = &["ResourceNotFoundException"];

pub(super) struct LogGroupDriver;

#[async_trait]
impl Drive for LogGroupDriver {
    type Spec = LogGroup;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|_| observed(&name(&at.mark), [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<LogGroup>) -> Result<Progress> {
        let name = name(want.mark());
        let seen = || observed(&name, []);
        let Some((group, tags)) = look(aws, want.mark()).await? else {
            want.may_create_again()?;
            let mut tags: HashMap<String, String> =
                marks::tags(want.mark()).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            if want.spec.keep {
                tags.insert(KEEP.to_owned(), "yes".to_owned());
            }
            let call = aws.logs.write.create_log_group().log_group_name(&name).set_tags(Some(tags));
            return match call.send().await.map_err(trouble) {
                Err(error) if !error.is(&["ResourceAlreadyExistsException"]) => Err(error.into()),
                // Made now or by an earlier try: what else it needs is set when it can be read.
                _ => {
                    let note = Note::Usually { what: "log group being made".to_owned(), seconds: (1, 5) };
                    Ok(Progress::Pending { seen: seen(), note, again: Duration::from_secs(1) })
                }
            };
        };
        let days = i32::try_from(want.spec.retention_days).unwrap_or(i32::MAX);
        if group.retention_in_days() != Some(days) {
            let call = aws.logs.set.put_retention_policy().log_group_name(&name).retention_in_days(days);
            call.send().await.map_err(trouble)?;
        }
        let arn = arn(&group)?;
        match (want.spec.keep, tags.contains_key(KEEP)) {
            (true, false) => {
                aws.logs.set.tag_resource().resource_arn(arn).tags(KEEP, "yes").send().await.map_err(trouble)?;
            }
            (false, true) => {
                aws.logs.set.untag_resource().resource_arn(arn).tag_keys(KEEP).send().await.map_err(trouble)?;
            }
            _ => {}
        }
        Ok(Progress::Done(seen()))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let mark = &want.at.mark;
        let name = name(mark);
        let Some((group, tags)) = named(aws, &name).await? else { return Ok(gone()) };
        if tags.contains_key(KEEP) {
            if is_of(&tags, mark) {
                let call = aws.logs.set.untag_resource().resource_arn(arn(&group)?).tag_keys(marks::RESOURCE);
                call.send().await.map_err(trouble)?;
            }
            return Ok(gone_but(&LogGroup::KIND, &[name]));
        }
        if !is_of(&tags, mark) {
            return Ok(gone());
        }
        match aws.logs.write.delete_log_group().log_group_name(name).send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let under = match of.of {
            Whose::Env(key) => format!("/gantry/{}/{}/", key.project, key.env),
            Whose::Project(project) => format!("/gantry/{project}/"),
        };
        let pages = aws.logs.read.describe_log_groups().log_group_name_prefix(under).into_paginator().items().send();
        let groups = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
        let mut found = Vec::new();
        for group in groups {
            let tags = tags_of(aws, &group).await?;
            let pairs = tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            found.extend(of.found(LogGroup::KIND, group.log_group_name().unwrap_or_default(), pairs));
        }
        Ok(found)
    }
}

/// `/gantry/<project>/<environment>/<component>-<hash>`: sorted as people look for it, and only this mark's.
fn name(mark: &Mark) -> String {
    let own = marks::name(mark, 255);
    let hash = own.rsplit('-').next().unwrap_or_default();
    format!("/gantry/{}/{}/{}-{hash}", mark.project, mark.addr.env, mark.addr.component)
}

/// The ARN as tags want it: without the `:*` that older answers end with.
fn arn(group: &Seen) -> Result<String> {
    let arn = group.log_group_arn().or_else(|| group.arn()).map(|arn| arn.trim_end_matches(":*").to_owned());
    arn.ok_or_else(|| ProviderError::Transient("CloudWatch Logs gave no ARN".to_owned()))
}

/// The mark's group with its tags.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<(Seen, HashMap<String, String>)>> {
    Ok(named(aws, &name(mark)).await?.filter(|(_, tags)| is_of(tags, mark)))
}

/// The group of this name with its tags.
async fn named(aws: &Aws, name: &str) -> Result<Option<(Seen, HashMap<String, String>)>> {
    let answer = aws.logs.read.describe_log_groups().log_group_name_prefix(name).send().await.map_err(trouble)?;
    let groups = answer.log_groups.unwrap_or_default();
    let Some(group) = groups.into_iter().find(|group| group.log_group_name() == Some(name)) else { return Ok(None) };
    let tags = tags_of(aws, &group).await?;
    Ok(Some((group, tags)))
}

fn is_of(tags: &HashMap<String, String>, mark: &Mark) -> bool {
    let theirs = marks::from_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    theirs.as_ref() == Some(mark)
}

async fn tags_of(aws: &Aws, group: &Seen) -> Result<HashMap<String, String>> {
    match aws.logs.read.list_tags_for_resource().resource_arn(arn(group)?).send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.tags.unwrap_or_default()),
        Err(error) if error.is(MISSING) => Ok(HashMap::new()),
        Err(error) => Err(error.into()),
    }
}
