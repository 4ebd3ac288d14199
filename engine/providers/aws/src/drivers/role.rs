//! The driver of `aws.role`: a role, its inline policy and what is attached to it, all under one name that only its mark
//! has. `CreateRole` knows no token; the name makes it repeatable.

use super::iam::{list_under, pairs, path, tags};
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{ARN, Role, Shape, role::NAME};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_iam::types::Role as Seen;
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, Remove};
use gantry_engine::receipt::Found;
use std::collections::BTreeSet;
use std::time::Duration;

/// What a role is not found by.
const MISSING: &[&str] = &["NoSuchEntity"];
/// The name of the one inline policy.
const POLICY: &str = "gantry";
/// IAM's limit for role names.
const LONGEST: usize = 64;

pub(super) struct RoleDriver;

#[async_trait]
impl Drive for RoleDriver {
    type Spec = Role;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, &at.mark).await?.map(|role| seen(&role)))
    }

    async fn put(&self, aws: &Aws, want: &Want<Role>) -> Result<Progress> {
        if let Some(role) = look(aws, want.mark()).await? {
            set_policies(aws, role.role_name(), &want.spec).await?;
            return Ok(Progress::Done(seen(&role)));
        }
        want.may_create_again()?;
        match create(aws, want).await {
            // That it was made is out whatever becomes of its policies, so that it isn't made again.
            Ok(role) => Ok(match set_policies(aws, role.role_name(), &want.spec).await {
                Ok(()) => Progress::Done(seen(&role)),
                Err(_) => pending(seen(&role)),
            }),
            Err(error) if error.is(&["EntityAlreadyExists"]) => {
                Ok(pending(observed(&marks::name(want.mark(), LONGEST), [])))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(role) = look(aws, &want.at.mark).await? else { return Ok(gone()) };
        let name = role.role_name();
        set_policy(aws, name, None).await?;
        for arn in attached(aws, name).await? {
            detach(aws, name, &arn).await?;
        }
        match aws.iam.write.delete_role().role_name(name).send().await.map_err(trouble) {
            Err(error) if !error.is(MISSING) => Err(error.into()),
            _ => Ok(gone()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let under = list_under(of);
        let pages = aws.iam.read.list_roles().path_prefix(&under).into_paginator().items().send();
        let roles = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?;
        let mut found = Vec::new();
        for role in roles {
            // Lists of roles come without tags.
            let pages = aws.iam.read.list_role_tags().role_name(role.role_name()).into_paginator().items().send();
            match pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble) {
                Ok(tags) => found.extend(of.found(Role::KIND, role.role_name(), pairs(&tags))),
                Err(error) if error.is(MISSING) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }
}

fn seen(role: &Seen) -> Observed {
    observed(role.role_name(), [(ARN, role.arn().to_owned()), (NAME, role.role_name().to_owned())])
}

fn pending(seen: Observed) -> Progress {
    let note = Note::Usually { what: "role being made".to_owned(), seconds: (1, 10) };
    Progress::Pending { seen, note, again: Duration::from_secs(1) }
}

async fn set_policies(aws: &Aws, role: &str, spec: &Role) -> Result<()> {
    set_policy(aws, role, spec.policy.as_deref()).await?;
    let wanted = spec.managed.iter().cloned().collect::<BTreeSet<_>>();
    let attached = attached(aws, role).await?;
    for arn in wanted.difference(&attached) {
        aws.iam.set.attach_role_policy().role_name(role).policy_arn(arn).send().await.map_err(trouble)?;
    }
    for arn in attached.difference(&wanted) {
        detach(aws, role, arn).await?;
    }
    Ok(())
}

/// The role of this name, if it is the mark's own.
async fn look(aws: &Aws, mark: &Mark) -> Result<Option<Seen>> {
    let name = marks::name(mark, LONGEST);
    match aws.iam.read.get_role().role_name(&name).send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.role.filter(|role| marks::from_tags(pairs(role.tags())).as_ref() == Some(mark))),
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn create(aws: &Aws, want: &Want<Role>) -> std::result::Result<Seen, Trouble> {
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": want.spec.service },
            "Action": "sts:AssumeRole",
        }],
    });
    let call = aws.iam.write.create_role().role_name(marks::name(want.mark(), LONGEST)).path(path(want.mark()));
    let call = call.assume_role_policy_document(trust.to_string()).set_tags(Some(tags(want.mark())));
    let made = call.send().await.map_err(trouble)?;
    made.role.ok_or_else(|| Trouble::unexpected("CreateRole gave no role"))
}

/// Sets the inline policy, or takes it away. Written only where it differs, since IAM takes seconds to spread a change.
async fn set_policy(aws: &Aws, role: &str, wanted: Option<&str>) -> Result<()> {
    let there = match aws.iam.read.get_role_policy().role_name(role).policy_name(POLICY).send().await.map_err(trouble) {
        Ok(answer) => Some(answer.policy_document),
        Err(error) if error.is(MISSING) => None,
        Err(error) => return Err(error.into()),
    };
    match (wanted, there) {
        (Some(wanted), there) if there.as_deref().and_then(document) != document(wanted) => {
            let call = aws.iam.set.put_role_policy().role_name(role).policy_name(POLICY).policy_document(wanted);
            call.send().await.map_err(trouble)?;
        }
        (None, Some(_)) => {
            let call = aws.iam.write.delete_role_policy().role_name(role).policy_name(POLICY).send();
            if let Err(error) = call.await.map_err(trouble)
                && !error.is(MISSING)
            {
                return Err(error.into());
            }
        }
        _ => {}
    }
    Ok(())
}

/// A policy as what it says: AWS gives it back percent-encoded (IAM API reference, GetRolePolicy).
fn document(text: &str) -> Option<serde_json::Value> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&super::iam::decoded(text)).ok())
}

async fn attached(aws: &Aws, role: &str) -> Result<BTreeSet<String>> {
    let pages = aws.iam.read.list_attached_role_policies().role_name(role).into_paginator().items().send();
    match pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble) {
        Ok(all) => Ok(all.into_iter().filter_map(|policy| policy.policy_arn).collect()),
        Err(error) if error.is(MISSING) => Ok(BTreeSet::new()),
        Err(error) => Err(error.into()),
    }
}

async fn detach(aws: &Aws, role: &str, arn: &str) -> Result<()> {
    match aws.iam.write.detach_role_policy().role_name(role).policy_arn(arn).send().await.map_err(trouble) {
        Err(error) if !error.is(MISSING) => Err(error.into()),
        _ => Ok(()),
    }
}
