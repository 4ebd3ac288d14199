//! What the drivers of Elastic Load Balancing's kinds share: tags, which are asked for apart from the things themselves,
//! and names, which are short.

use super::{Aws, Listing, Result, trouble};
use crate::marks;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, Tag};
use gantry_engine::address::{Kind, Mark};
use gantry_engine::receipt::Found;

/// The limit for names of load balancers and target groups.
const LONGEST: usize = 32;

/// DescribeTags takes so many (ELB API reference).
const AT_ONCE: usize = 20;

/// What isn't found.
pub(super) const MISSING: &[&str] =
    &["LoadBalancerNotFound", "ListenerNotFound", "RuleNotFound", "TargetGroupNotFound"];

/// The name of what carries a mark. A load balancer's must not begin with `internal-`, as a project's may.
pub(super) fn name(mark: &Mark) -> String {
    let name = marks::name(mark, LONGEST);
    name.strip_prefix("internal-").map(ToOwned::to_owned).unwrap_or(name)
}

/// A mark as tags.
pub(super) fn tags(mark: &Mark) -> Vec<Tag> {
    marks::tags(mark).into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The marks of these, where they have one of ours; what is gone meanwhile is left out.
pub(super) async fn marks_of(aws: &Aws, arns: Vec<String>) -> Result<Vec<(String, Mark)>> {
    let mut marked = Vec::new();
    for some in arns.chunks(AT_ONCE) {
        let call = aws.elb.read.describe_tags().set_resource_arns(Some(some.to_vec()));
        let answer = match call.send().await.map_err(trouble) {
            Ok(answer) => answer,
            // One that went in between fails all of them: they are asked for one by one.
            Err(error) if error.is(MISSING) && some.len() > 1 => {
                for arn in some {
                    marked.extend(Box::pin(marks_of(aws, vec![arn.clone()])).await?);
                }
                continue;
            }
            Err(error) if error.is(MISSING) => continue,
            Err(error) => return Err(error.into()),
        };
        for described in answer.tag_descriptions() {
            let mark = marks::from_tags(described.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))));
            marked.extend(described.resource_arn().map(ToOwned::to_owned).zip(mark));
        }
    }
    Ok(marked)
}

/// Whether this one carries the mark.
pub(super) async fn is_marked(aws: &Aws, arn: &str, mark: &Mark) -> Result<bool> {
    Ok(marks_of(aws, vec![arn.to_owned()]).await?.iter().any(|(_, theirs)| theirs == mark))
}

/// Those of these that are meant.
pub(super) async fn found(aws: &Aws, of: &Listing<'_>, kind: &Kind, arns: Vec<String>) -> Result<Vec<Found>> {
    let all = marks_of(aws, arns).await?;
    Ok(all.into_iter().filter_map(|(arn, mark)| of.marked(kind.clone(), &arn, mark)).collect())
}

/// Every load balancer of the account and region.
pub(super) async fn balancers(aws: &Aws) -> Result<Vec<LoadBalancer>> {
    let pages = aws.elb.read.describe_load_balancers().into_paginator().items().send();
    Ok(pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble)?)
}

/// The listeners of the load balancers that are meant, with the load balancer's mark.
pub(super) async fn listeners(aws: &Aws, of: &Listing<'_>) -> Result<Vec<String>> {
    let arns = balancers(aws).await?.into_iter().filter_map(|balancer| balancer.load_balancer_arn).collect();
    let mut listeners = Vec::new();
    for (arn, mark) in marks_of(aws, arns).await? {
        if &mark.installation != of.installation || !of.of.is(&mark) {
            continue;
        }
        let pages = aws.elb.read.describe_listeners().load_balancer_arn(arn).into_paginator().items().send();
        match pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(trouble) {
            Ok(all) => listeners.extend(all.into_iter().filter_map(|listener| listener.listener_arn)),
            Err(error) if error.is(MISSING) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(listeners)
}
