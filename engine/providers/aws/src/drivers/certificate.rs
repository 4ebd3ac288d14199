//! The driver of `aws.certificate`. `RequestCertificate` takes a token, but only for an hour, and another operation has
//! another one; so what an earlier try may have made is found by its tags, and waited for.

use super::{Aws, Drive, Listing, Result, Want, gone, observed, trouble};
use crate::kinds::{Certificate, Shape, certificate};
use crate::marks;
use async_trait::async_trait;
use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, CertificateSummary, Tag, ValidationMethod};
use gantry_engine::address::Mark;
use gantry_engine::provider::{Handle, Note, Observed, Progress, ProviderError, Remove};
use gantry_engine::receipt::Found;
use std::time::Duration;

const MISSING: &[&str] = &["ResourceNotFoundException"];

pub(super) struct CertificateDriver;

#[async_trait]
impl Drive for CertificateDriver {
    type Spec = Certificate;

    async fn find(&self, aws: &Aws, at: &Handle) -> Result<Option<Observed>> {
        Ok(look(aws, at, None).await?.map(|detail| seen(&detail)))
    }

    async fn put(&self, aws: &Aws, want: &Want<Certificate>) -> Result<Progress> {
        let Some(detail) = look(aws, &want.at, Some(&want.spec.domain)).await? else {
            want.may_create()?;
            let call = aws.acm.write.request_certificate().domain_name(&want.spec.domain);
            let call = call.validation_method(ValidationMethod::Dns).idempotency_token(&want.token.0);
            let alternatives = Some(want.spec.alternatives.clone()).filter(|names| !names.is_empty());
            let call = call.set_subject_alternative_names(alternatives).set_tags(Some(tags(want.mark())));
            let made = call.send().await.map_err(trouble)?;
            return Ok(pending(observed(made.certificate_arn().unwrap_or_default(), []), &want.spec));
        };
        match detail.status() {
            Some(CertificateStatus::Issued) => Ok(Progress::Done(seen(&detail))),
            Some(CertificateStatus::PendingValidation) => Ok(pending(seen(&detail), &want.spec)),
            other => {
                let state = other.map_or("unknown", |status| status.as_str());
                let why = detail.failure_reason().map(|why| format!(", {}", why.as_str())).unwrap_or_default();
                let domain = &want.spec.domain;
                Err(ProviderError::Conflict(format!(
                    "the certificate for {domain} is {state}{why}; check that its zone is delegated, delete the \
                     certificate in AWS Certificate Manager, then retry"
                )))
            }
        }
    }

    async fn remove(&self, aws: &Aws, want: &Remove) -> Result<Progress> {
        let Some(detail) = look(aws, &want.at, None).await? else { return Ok(gone()) };
        let call = aws.acm.write.delete_certificate().certificate_arn(detail.certificate_arn().unwrap_or_default());
        match call.send().await.map_err(trouble) {
            Ok(_) => Ok(gone()),
            Err(error) if error.is(MISSING) => Ok(gone()),
            Err(error) if error.is(&["ResourceInUseException"]) => {
                let note = Note::Other("waiting for the load balancer to let go of the certificate".to_owned());
                Ok(Progress::Pending { seen: seen(&detail), note, again: Duration::from_secs(5) })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, aws: &Aws, of: &Listing<'_>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for summary in summaries(aws).await? {
            let arn = summary.certificate_arn().unwrap_or_default();
            found.extend(mark_of(aws, arn).await?.and_then(|mark| of.marked(Certificate::KIND, arn, mark)));
        }
        Ok(found)
    }
}

fn seen(detail: &CertificateDetail) -> Observed {
    let record = detail.domain_validation_options().first().and_then(|option| option.resource_record());
    let outputs = record.map(|record| {
        let name = record.name().trim_end_matches('.').to_owned();
        [(certificate::VALIDATION_NAME, name), (certificate::VALIDATION_VALUE, record.value().to_owned())]
    });
    observed(detail.certificate_arn().unwrap_or_default(), outputs.into_iter().flatten())
}

fn pending(seen: Observed, spec: &Certificate) -> Progress {
    // The record that validates it is told some seconds after the request; until then it's worth asking more often.
    let again = if seen.outputs.contains_key(&certificate::VALIDATION_NAME) { 10 } else { 2 };
    let delegated = spec.servers.as_ref().map(|servers| format!(", once its zone is delegated to {servers}"));
    let what = format!("certificate for {} being validated by DNS{}", spec.domain, delegated.unwrap_or_default());
    let note = Note::Usually { what, seconds: (30, 300) };
    Progress::Pending { seen, note, again: Duration::from_secs(again) }
}

fn tags(mark: &Mark) -> Vec<Tag> {
    let tag = |(key, value): (&str, String)| Tag::builder().key(key).value(value).build().ok();
    marks::tags(mark).into_iter().filter_map(tag).collect()
}

/// The certificate by its id, or where that isn't known, by its mark (among those for a domain, where that is known).
async fn look(aws: &Aws, at: &Handle, domain: Option<&str>) -> Result<Option<CertificateDetail>> {
    let arn = match &at.id {
        Some(id) => Some(id.0.clone()),
        None => by_mark(aws, &at.mark, domain).await?,
    };
    let Some(arn) = arn else { return Ok(None) };
    match aws.acm.read.describe_certificate().certificate_arn(arn).send().await.map_err(trouble) {
        Ok(answer) => Ok(answer.certificate),
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn by_mark(aws: &Aws, mark: &Mark, domain: Option<&str>) -> Result<Option<String>> {
    for summary in summaries(aws).await? {
        let arn = summary.certificate_arn().unwrap_or_default();
        let may_be = domain.is_none() || summary.domain_name() == domain;
        if may_be && mark_of(aws, arn).await?.as_ref() == Some(mark) {
            return Ok(Some(arn.to_owned()));
        }
    }
    Ok(None)
}

async fn summaries(aws: &Aws) -> Result<Vec<CertificateSummary>> {
    let pages = aws.acm.read.list_certificates().into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}

async fn mark_of(aws: &Aws, arn: &str) -> Result<Option<Mark>> {
    match aws.acm.read.list_tags_for_certificate().certificate_arn(arn).send().await.map_err(trouble) {
        Ok(answer) => Ok(marks::from_tags(answer.tags().iter().filter_map(|tag| Some((tag.key(), tag.value()?))))),
        Err(error) if error.is(MISSING) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
