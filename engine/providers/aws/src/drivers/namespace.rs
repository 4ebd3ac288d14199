//! The driver of `aws.namespace`. It is made and removed by operations of Cloud Map; while one goes on, its id stands in
//! for the namespace's (`operation/<id>`), so that the next call can ask how far it is.

use super::discovery::{MISSING, mark_of, namespaces, tags};
use super::ec2::token;
use super::{Aws, Drive, Listing, Result, Trouble, Want, gone, observed, trouble};
use crate::kinds::{Namespace, Shape};
use async_trait::async_trait;
use aws_sdk_servicediscovery::types::{NamespaceSummary, Operation, OperationStatus, OperationTargetType};
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

/// What the id of an operation begins with.
const OPERATION: &str = "operation/";

pub(super) struct NamespaceDriver;

#[async_trait]
impl Drive for NamespaceDriver {
    type Spec = Namespace;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at, None).await?.map(|id| observed(&id, [])))
    }

    async fn put(&self, aws: &Aws, want: &Want<Namespace>) -> Result<Progress> {
        let mut failed = None;
        if let Some(operation) = want.at.id.as_ref().and_then(|id| id.0.strip_prefix(OPERATION)) {
            let state = operation_state(aws, operation).await?;
            match state.as_ref().and_then(Operation::status) {
                Some(OperationStatus::Submitted | OperationStatus::Pending) => return Ok(pending(operation)),
                Some(OperationStatus::Fail) => failed = state,
                _ => {}
            }
        }
        if let Some(id) = look(aws, &want.at, Some(&want.spec.name)).await? {
            return Ok(Progress::Done(observed(&id, [])));
        }
        let call = aws.discovery.write.create_private_dns_namespace().name(&want.spec.name).vpc(&want.spec.vpc);
        // The token of one that failed leads to that.
        let before: Vec<&str> = failed.iter().filter_map(|one| one.id()).collect();
        let call = call.creator_request_id(token(&want.token, &before)).set_tags(Some(tags(want.mark())));
        match call.send().await.map_err(trouble) {
            Ok(made) => {
                let operation = made.operation_id.ok_or_else(|| Trouble::unexpected("Cloud Map gave no operation"))?;
                Ok(failed.map_or_else(|| pending(&operation), |failed| again(&operation, &failed)))
            }
            // An earlier try of ours goes on, or has made it and it can't be read yet.
            Err(error) if error.is(&["DuplicateRequest", "NamespaceAlreadyExists"]) && want.tried.is_some() => {
                Err(ProviderError::NotYet("the namespace is there, but can't be read yet".to_owned()))
            }
            Err(error) if error.is(&["NamespaceAlreadyExists", "ConflictingDomainExists"]) => {
                let name = &want.spec.name;
                let text = format!("the VPC has a private zone {name} that isn't ours; remove it, then retry");
                Err(ProviderError::Conflict(text))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        // One that is still being made isn't listed, and would be left over.
        if let Some(operation) = want.at.id.as_ref().and_then(|id| id.0.strip_prefix(OPERATION)) {
            let state = operation_state(aws, operation).await?;
            if let Some(OperationStatus::Submitted | OperationStatus::Pending) =
                state.as_ref().and_then(Operation::status)
            {
                return Ok(pending(operation));
            }
        }
        let Some(id) = look(aws, &want.at, None).await? else { return Ok(gone()) };
        match aws.discovery.write.delete_namespace().id(&id).send().await.map_err(trouble) {
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) if !error.is(&["DuplicateRequest"]) => Err(error.into()),
            _ => {
                let note = Note::Usually { what: "namespace going".to_owned(), seconds: (10, 60) };
                Ok(Progress::Pending { seen: observed(&id, []), note, again: Duration::from_secs(3) })
            }
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for space in namespaces(aws).await? {
            let (id, arn) = (space.id().unwrap_or_default(), space.arn().unwrap_or_default());
            found.extend(mark_of(aws, arn).await?.and_then(|mark| of.marked(Namespace::KIND, id, mark)));
        }
        Ok(found)
    }
}

fn pending(operation: &str) -> Progress {
    let note = Note::Usually { what: "private namespace being made".to_owned(), seconds: (30, 90) };
    Progress::Pending { seen: of_operation(operation), note, again: Duration::from_secs(5) }
}

/// A second try, with what became of the first. It goes on like that until it works or the step's time is up.
fn again(operation: &str, failed: &Operation) -> Progress {
    let why = failed.error_message().unwrap_or("AWS doesn't say why");
    let note = Note::Other(format!("private namespace being made again; the last try failed: {why}"));
    Progress::Pending { seen: of_operation(operation), note, again: Duration::from_secs(30) }
}

/// Only the id: nobody may refer to the namespace before it has one of its own.
fn of_operation(operation: &str) -> Observed {
    let id = gantry_engine::resource::PhysicalId(format!("{OPERATION}{operation}"));
    Observed { id: Some(id), outputs: gantry_engine::value::Outputs::new() }
}

async fn operation_state(aws: &Aws, operation: &str) -> Result<Option<Operation>> {
    match aws.discovery.read.get_operation().operation_id(operation).send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.operation),
        Err(error) if error.is(&["OperationNotFound"]) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The namespace's id: what its operation made, or what carries its mark (among those of a name, where that is known).
async fn look(aws: &Aws, at: &Handle, name: Option<&str>) -> Result<Option<String>> {
    let mut wanted = at.id.as_ref().map(|id| id.0.clone());
    if let Some(operation) = at.id.as_ref().and_then(|id| id.0.strip_prefix(OPERATION)) {
        let made = operation_state(aws, operation).await?.and_then(|operation| operation.targets);
        wanted = made.and_then(|made| made.get(&OperationTargetType::Namespace).cloned());
    }
    for space in namespaces(aws).await? {
        let may_be = |space: &NamespaceSummary| match &wanted {
            Some(id) => space.id() == Some(id),
            None => name.is_none() || space.name() == name,
        };
        if may_be(&space) && mark_of(aws, space.arn().unwrap_or_default()).await?.as_ref() == Some(&at.mark) {
            return Ok(space.id);
        }
    }
    Ok(None)
}
