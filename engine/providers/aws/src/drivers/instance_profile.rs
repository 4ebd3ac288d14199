//! The driver of `aws.instance-profile`. Found by its name, which only its mark has.

use super::iam::{list_under, pairs, path, tags};
use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{ARN, InstanceProfile, Shape};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_iam::types::InstanceProfile as Seen;
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

const MISSING: &[&str] = &["NoSuchEntity"];
/// IAM's limit for the names of instance profiles.
const LONGEST: usize = 128;

pub(super) struct InstanceProfileDriver;

#[async_trait]
impl Drive for InstanceProfileDriver {
    type Spec = InstanceProfile;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|profile| seen(&profile)))
    }

    async fn put(&self, aws: &Aws, want: &Want<InstanceProfile>) -> Result<Progress> {
        let name = marks::name(want.mark(), LONGEST);
        let Some(profile) = look(aws, want.mark()).await? else {
            want.may_create_again()?;
            let call = aws.iam.write.create_instance_profile().instance_profile_name(&name);
            let call = call.path(path(want.mark())).set_tags(Some(tags(want.mark())));
            let made = match call.send().await.map_err(trouble) {
                Ok(made) => made.instance_profile,
                Err(error) if error.is(&["EntityAlreadyExists"]) => None,
                Err(error) => return Err(error.into()),
            };
            // That it is there is out before anything else is tried.
            let seen = made.as_ref().map_or_else(|| observed(&name, []), seen);
            let note = Note::Usually { what: "instance profile being made".to_owned(), seconds: (1, 10) };
            return Ok(Progress::Pending { seen, note, again: Duration::from_secs(1) });
        };
        let wanted = want.spec.role.as_str();
        for role in profile.roles().iter().filter(|role| role.role_name() != wanted) {
            let call = aws.iam.write.remove_role_from_instance_profile().instance_profile_name(&name);
            call.role_name(role.role_name()).send().await.map_err(trouble)?;
        }
        if profile.roles().iter().all(|role| role.role_name() != wanted) {
            let call = aws.iam.write.add_role_to_instance_profile().instance_profile_name(&name).role_name(wanted);
            match call.send().await.map_err(trouble) {
                // The list of its roles lags behind.
                Err(error) if error.is(&["LimitExceeded"]) => {
                    return Err(ProviderError::NotYet("the instance profile still shows its earlier role".to_owned()));
                }
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
        }
        Ok(Progress::Done(seen(&profile)))
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(profile) = look(aws, &want.at.mark).await? else { return Ok(gone()) };
        let name = profile.instance_profile_name();
        for role in profile.roles() {
            let call = aws.iam.write.remove_role_from_instance_profile().instance_profile_name(name);
            match call.role_name(role.role_name()).send().await.map_err(trouble) {
                Err(error) if !error.is(MISSING) => return Err(error.into()),
                _ => {}
            }
        }
        match aws.iam.write.delete_instance_profile().instance_profile_name(name).send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let pages = aws.iam.read.list_instance_profiles().path_prefix(list_under(of)).into_paginator().items().send();
        let profiles = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
        let mut found = Vec::new();
        for profile in profiles {
            let name = profile.instance_profile_name();
            // Lists of profiles come without tags.
            match aws.iam.read.get_instance_profile().instance_profile_name(name).send().await.map_err(trouble) {
                Ok(answer) => {
                    let tags = answer.instance_profile.and_then(|profile| profile.tags).unwrap_or_default();
                    found.extend(of.found(InstanceProfile::KIND, name, pairs(&tags)));
                }
                Err(error) if error.is(MISSING) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }
}

fn seen(profile: &Seen) -> Observed {
    observed(profile.instance_profile_name(), [(ARN, profile.arn().to_owned())])
}

/// The profile of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let call = aws.iam.read.get_instance_profile().instance_profile_name(marks::name(mark, LONGEST));
    match call.send().await.map_err(trouble) {
        Ok(answer) => {
            let ours = |seen: &Seen| marks::from_tags(pairs(seen.tags())).as_ref() == Some(mark);
            Ok(answer.instance_profile.filter(ours))
        }
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
