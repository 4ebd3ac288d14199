//! Whether something else says how many tasks a service has: Application Auto Scaling, set up by people.

use super::{Aws, Result, trouble};
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use std::collections::BTreeSet;

/// So many go into one call (Application Auto Scaling API reference, DescribeScalableTargets).
const DESCRIBED_AT_ONCE: usize = 50;

/// Which of these services it scales, by their ARNs.
pub(crate) async fn of(aws: &Aws, arns: &[&str]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for some in arns.chunks(DESCRIBED_AT_ONCE) {
        let ids: Vec<String> = some.iter().filter_map(|arn| resource(arn)).map(ToOwned::to_owned).collect();
        let call = aws.scaling.read.describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount).set_resource_ids(Some(ids));
        let targets = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
        for target in targets.map_err(trouble)? {
            let its = some.iter().find(|arn| resource(arn) == Some(target.resource_id()));
            found.extend(its.map(|arn| (*arn).to_owned()));
        }
    }
    Ok(found)
}

/// What it calls a service: the end of its ARN, `service/cluster/name`.
fn resource(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)
}
