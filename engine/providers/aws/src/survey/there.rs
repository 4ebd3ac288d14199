//! What the project file names that has to be there already: a certificate, and clusters.

use super::{Look, finding};
use crate::drivers::{Result, trouble};
use crate::settings::Cluster;
use aws_sdk_acm::types::CertificateStatus;
use gantry_engine::ports::Finding;
use std::collections::BTreeSet;

pub(super) async fn look(look: &Look<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    findings.extend(certificate(look).await?);
    findings.extend(clusters(look).await?);
    Ok(findings)
}

async fn certificate(look: &Look<'_>) -> Result<Option<Finding>> {
    let Some(arn) = &look.account.certificate else { return Ok(None) };
    let question = format!("certificate {arn}");
    if look.kept.answer(&question).is_some() {
        return Ok(None);
    }
    let remedy =
        "name a certificate of this account and region that is issued, or take `certificate` out to have one made";
    let there = match look.aws.acm.read.describe_certificate().certificate_arn(arn).send().await.map_err(trouble) {
        Ok(answer) => answer.certificate,
        Err(error) if error.is(&["ResourceNotFoundException"]) => None,
        Err(error) => return Err(error.into()),
    };
    let status = there.as_ref().and_then(|there| there.status());
    match status {
        Some(CertificateStatus::Issued) => {
            look.kept.keep(&question, "");
            Ok(None)
        }
        Some(other) => Ok(Some(finding(format!("the certificate {arn} is {}", other.as_str()), remedy))),
        None => Ok(Some(finding(format!("there is no certificate {arn} in {}", look.aws.region), remedy))),
    }
}

async fn clusters(look: &Look<'_>) -> Result<Vec<Finding>> {
    let settings = look.env.clusters.iter().filter_map(|(name, cluster)| Cluster::of(name, &cluster.settings).ok());
    let named: BTreeSet<String> = settings.filter_map(|cluster| cluster.existing).collect();
    let unknown = |name: &String| look.kept.answer(&format!("cluster {name} of {}", look.aws.account)).is_none();
    let named: Vec<String> = named.into_iter().filter(unknown).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let call = look.aws.ecs.read.describe_clusters().set_clusters(Some(named.clone()));
    let answer = call.send().await.map_err(trouble)?;
    let active = answer.clusters().iter().filter(|cluster| cluster.status() == Some("ACTIVE"));
    let active: BTreeSet<&str> = active.filter_map(|cluster| cluster.cluster_name()).collect();
    let mut findings = Vec::new();
    for name in named {
        if active.contains(name.as_str()) {
            look.kept.keep(&format!("cluster {name} of {}", look.aws.account), "");
        } else {
            findings.push(finding(
                format!("there is no ECS cluster {name} in {} of account {}", look.aws.region, look.aws.account),
                "name one that is there in `existing`, or take it out to have one made",
            ));
        }
    }
    Ok(findings)
}
