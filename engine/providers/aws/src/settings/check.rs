//! What settings can't be, though their shape is right. Only what they say by themselves: what the account has is the
//! survey's matter, and what the environment needs the lowering's.

use super::{Account, Capacity, Cluster, Nat, PLATFORM, Service};
use crate::range::Range;
use gantry_engine::names::{ClusterName, ServiceName};
use gantry_engine::ports::Finding;

/// The days that CloudWatch Logs takes: API reference of `PutRetentionPolicy`, `retentionInDays`.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// What stands in the way of a plan.
struct Found {
    table: String,
    found: Vec<Finding>,
}

impl Found {
    fn unless(&mut self, right: bool, what: &str, remedy: &str) {
        if !right {
            let what = format!("`{}`: {what}", self.table);
            self.found.push(Finding { what, remedy: remedy.to_owned() });
        }
    }
}

pub(super) fn account(of: &Account) -> Vec<Finding> {
    let mut found = Found { table: format!("[{PLATFORM}]"), found: Vec::new() };
    if let Some(region) = &of.region {
        found.unless(
            is_region(region),
            &format!("`{region}` isn't a region"),
            "write it as AWS does, such as `eu-central-1`",
        );
    }
    for account in &of.accounts {
        let right = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        found.unless(right, &format!("`{account}` isn't an account's id"), "write its twelve digits, in quotes");
    }
    let days = of.log_retention_days;
    found.unless(
        RETENTIONS.contains(&days),
        &format!("CloudWatch doesn't keep logs for {days} days"),
        &format!("choose {} days", nearest(days)),
    );
    names(of, &mut found);
    network(of, &mut found);
    found.found
}

fn names(of: &Account, found: &mut Found) {
    if let Some(zone) = &of.zone {
        found.unless(is_zone(zone), &format!("`{zone}` isn't a DNS zone"), "write a domain, such as `example.com`");
    }
    found.unless(
        of.zone.is_some() || !of.create_zone,
        "`create_zone` is set, but not `zone`",
        "say in `zone` which domain the environments' zones stand below",
    );
    if let Some(arn) = &of.certificate {
        let right = arn.starts_with("arn:") && arn.contains(":acm:") && arn.contains(":certificate/");
        found.unless(right, &format!("`{arn}` isn't a certificate's ARN"), "copy it from AWS Certificate Manager");
        found.unless(of.https, "there is a `certificate`, but `https` is off", "take one of them out");
    }
}

fn network(of: &Account, found: &mut Found) {
    match of.cidr.parse::<Range>() {
        Err(wrong) => found.unless(false, &wrong.to_string(), "write a private range, such as `10.0.0.0/8`"),
        Ok(range) => found.unless(
            range.is_private() && range.prefix() <= 24,
            &format!("`{range}` can't be a network's range"),
            "write a private range (RFC 1918) of at least a `/24`, such as `10.0.0.0/8`",
        ),
    }
    let begins = |ids: &[String], with: &str| ids.iter().find(|id| !id.starts_with(with)).cloned();
    let subnets = [of.public_subnets.as_slice(), of.private_subnets.as_slice()].concat();
    if let Some(wrong) = begins(&subnets, "subnet-") {
        found.unless(false, &format!("`{wrong}` isn't a subnet's id"), "copy it from the VPC console: `subnet-..`");
    }
    let Some(vpc) = &of.vpc else {
        found.unless(
            subnets.is_empty(),
            "there are subnets, but no `vpc`",
            "name the `vpc` that they are in, or take them out to have a network made",
        );
        return;
    };
    found.unless(
        vpc.starts_with("vpc-"),
        &format!("`{vpc}` isn't a VPC's id"),
        "copy it from the VPC console: `vpc-..`",
    );
    found.unless(
        !subnets.is_empty(),
        "there is a `vpc`, but none of its subnets",
        "name `private_subnets` for tasks and `public_subnets` for the load balancer",
    );
    found.unless(
        of.nat == Nat::default(),
        "`nat` means nothing in a `vpc` that is there already",
        "take it out: the routes of that VPC stay as they are",
    );
    found.unless(
        of.cidr == super::private_range(),
        "`cidr` means nothing in a `vpc` that is there already",
        "take it out: that VPC and its subnets have their ranges",
    );
}

pub(super) fn cluster(name: &ClusterName, of: &Cluster) -> Vec<Finding> {
    let mut found = Found { table: format!("[clusters.{name}.{PLATFORM}]"), found: Vec::new() };
    let ours = of.existing.is_none();
    found.unless(
        ours || of.capacity == Capacity::Fargate,
        "machines are made only for clusters that are ours",
        "name a `provider` of the existing cluster, or take `capacity` out to use Fargate",
    );
    found.unless(
        !ours || of.provider.is_none(),
        "there is a `provider`, but no `existing` cluster that has it",
        "name the `existing` cluster, or take `provider` out",
    );
    found.unless(
        of.instance.is_none() || of.capacity == Capacity::Ec2,
        "an `instance` type means nothing on Fargate",
        "set `capacity = \"ec2\"`, or take `instance` out",
    );
    found.found
}

pub(super) fn service(name: &ServiceName, of: &Service) -> Vec<Finding> {
    let mut found = Found { table: format!("[services.{name}.{PLATFORM}]"), found: Vec::new() };
    // ECS can neither stop a task first nor start one first: it would never replace any.
    let stuck = of.min_healthy_percent == Some(100) && of.max_percent == Some(100);
    found.unless(
        !stuck,
        "with `min_healthy_percent` and `max_percent` both 100 no task can ever be replaced",
        "lower the one or raise the other",
    );
    let blank = of.policy.iter().any(|statement| statement.actions.is_empty() || statement.resources.is_empty());
    found.unless(!blank, "a statement of `policy` lacks actions or resources", "name at least one of each");
    found.found
}

fn nearest(days: u32) -> u32 {
    RETENTIONS.into_iter().min_by_key(|known| known.abs_diff(days)).unwrap_or(days)
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
    parts.len() >= 3 && number && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_zone(text: &str) -> bool {
    let label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    text.contains('.') && text.len() <= 200 && text.split('.').all(label)
}
