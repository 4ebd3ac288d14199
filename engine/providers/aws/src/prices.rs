//! What AWS charges, as a table with a date: on-demand prices of the regions in it, without discounts, free tiers and
//! taxes. What is charged by use is named and not added up.

mod instances;
mod table;

pub(crate) use instances::{Instance, is_arm};

use crate::facts::Found;
use crate::kinds::{self, Shape};
use crate::lower::DISK_GIB;
use gantry_engine::address::Kind;
use gantry_engine::cost::{Money, Price, Prices, Rate};
use gantry_engine::provider::Facts;
use gantry_engine::value::{Spec, Value};
use table::{AS_OF, HOURS_PER_MONTH, Region};

/// Tasks and machines per resource are few; what a spec says beyond that is taken as that.
type Many = u64;

/// The price table.
#[derive(Debug, Clone, Copy)]
pub struct Table;

impl Prices for Table {
    fn price(&self, kind: &Kind, spec: &Spec, facts: &Facts) -> Price {
        let found = Found::read(facts);
        let (region, note) = Region::of(&found.region);
        let mut price = price(kind, spec, region);
        if price.rate > Rate(0)
            && let Some(note) = note
        {
            price.by_use = Some(price.by_use.map_or_else(|| note.clone(), |by_use| format!("{by_use}; {note}")));
        }
        price
    }

    fn as_of(&self) -> &'static str {
        AS_OF
    }
}

fn price(kind: &Kind, spec: &Spec, region: &Region) -> Price {
    let is = |other: Kind| *kind == other;
    let number =
        |field: &str| spec.get(field).and_then(Value::as_int).and_then(|n| Many::try_from(n).ok()).unwrap_or(0);
    if is(kinds::NatGateway::KIND) {
        fixed(region.nat_hour).and_by_use(format!("{} per GB through the NAT gateway", Money(region.nat_gb)))
    } else if is(kinds::Address::KIND) {
        fixed(region.ipv4_hour)
    } else if is(kinds::LoadBalancer::KIND) {
        // It has a public address in each of its subnets.
        let subnets = spec.get("subnets").map_or(0, length);
        let by_use = format!("{} per LCU-hour of the load balancer", Money(region.lcu_hour));
        fixed(region.balancer_hour + region.ipv4_hour * subnets).and_by_use(by_use)
    } else if is(kinds::Service::KIND) {
        fargate(spec, region, number("desired"), (number("cpu"), number("memory")))
    } else if is(kinds::ScalingGroup::KIND) {
        machines(spec, region, number("min"), number("max"))
    } else if is(kinds::Volume::KIND) {
        let by_use = format!("{} per GB and month for snapshots", Money(region.snapshot_month));
        fixed(number("size_gib") * region.disk_month / HOURS_PER_MONTH).and_by_use(by_use)
    } else if is(kinds::HostedZone::KIND) || is(kinds::Namespace::KIND) {
        let by_use = format!("{} per million DNS queries", Money(table::QUERIES));
        fixed(table::ZONE_MONTH / HOURS_PER_MONTH).and_by_use(by_use)
    } else if is(kinds::LogGroup::KIND) {
        fixed(0).and_by_use(format!("{} per GB of logs", Money(region.logs_gb)))
    } else if is(kinds::Cluster::KIND) && spec.get("insights") == Some(&Value::Bool(true)) {
        fixed(0).and_by_use(format!("{} per metric and month of Container Insights", Money(table::METRIC_MONTH)))
    } else {
        Price::default()
    }
}

/// Tasks on Fargate, by what each one takes; on machines they cost nothing beside those.
fn fargate(spec: &Spec, region: &Region, tasks: Many, (cpu, memory): (Many, Many)) -> Price {
    if spec.get("launch").and_then(Value::as_text) != Some("fargate") {
        return Price::default();
    }
    let public = spec.get("public_ip") == Some(&Value::Bool(true));
    let address = if public { region.ipv4_hour } else { 0 };
    fixed(tasks * (cpu * region.vcpu_hour / 1024 + memory * region.gb_hour / 1024 + address))
}

/// The machines that are always there, with their own disks. More of them come and go with the tasks.
fn machines(spec: &Spec, region: &Region, min: Many, max: Many) -> Price {
    let name = spec.get("instance_type").and_then(Value::as_text).unwrap_or_default();
    let disk = Many::from(DISK_GIB) * region.disk_month / HOURS_PER_MONTH;
    let Some(hour) = region.instance_hour(name) else {
        let by_use = format!("each {name} by the hour, which the price table doesn't have");
        return fixed(min * disk).and_by_use(by_use);
    };
    let price = fixed(min * (hour + disk));
    if max <= min {
        return price;
    }
    price.and_by_use(format!("{} per hour for each {name} beyond {min}, up to {max}", Rate(hour + disk)))
}

fn length(value: &Value) -> Many {
    match value {
        Value::List(items) => items.len() as Many,
        _ => 0,
    }
}

fn fixed(rate: Many) -> Price {
    Price { rate: Rate(rate), by_use: None }
}

trait ByUse {
    fn and_by_use(self, what: String) -> Self;
}

impl ByUse for Price {
    fn and_by_use(self, what: String) -> Self {
        Self { by_use: Some(what), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(region: &str) -> Facts {
        Found { region: region.to_owned(), ..Found::default() }.write()
    }

    fn group(instance_type: &str) -> Spec {
        Spec::new().with("instance_type", instance_type).with("min", 1_u32).with("max", 1_u32)
    }

    #[test]
    fn a_region_that_is_not_in_the_table_says_whose_prices_it_has() {
        let price = |region: &str| Table.price(&kinds::Address::KIND, &Spec::new(), &facts(region));
        assert_eq!(price("us-east-1").by_use, None);
        let note = |region: &str| price(region).by_use.unwrap();
        assert_eq!(note("us-west-2"), "prices of us-east-1, since the table has none of us-west-2");
        assert_eq!(note("ap-south-1"), "prices of eu-central-1, since the table has none of ap-south-1");
    }

    #[test]
    fn the_page_tells_the_tables_day_and_what_a_way_out_costs() {
        let page = include_str!("../../../../docs/aws.md");
        assert!(page.contains(&format!("of {AS_OF}, without discounts")), "docs/aws.md tells another day");
        for (name, told) in [("us-east-1", "$0.05 an hour in us-east-1"), ("eu-central-1", "$0.057 in\neu-central-1")] {
            let region = Region::of(name).0;
            let hour = Rate(region.nat_hour + region.ipv4_hour).to_string();
            assert!(page.contains(told) && told.contains(hour.trim_end_matches("/h")), "{name}: {hour}");
        }
    }

    #[test]
    fn a_machine_that_is_not_in_the_table_is_named() {
        let price = |name: &str| Table.price(&kinds::ScalingGroup::KIND, &group(name), &facts("us-east-1"));
        // 20,800 for the machine, and 30 GiB of disk at 80,000 a month.
        assert_eq!(price("t3.small"), Price { rate: Rate(20_800 + 3_287), by_use: None });
        let unknown = price("x9.huge");
        assert_eq!(unknown.rate, Rate(3_287), "its disk is known");
        assert!(unknown.by_use.unwrap().contains("each x9.huge by the hour"));
    }

    #[test]
    fn machines_of_the_usual_sizes_have_a_price_in_every_region() {
        for region in ["us-east-1", "eu-central-1"] {
            for (cpu, memory) in [(1000, 1024), (2000, 2048), (2000, 4096), (2000, 8192), (4000, 16_384)] {
                let chosen = Instance::offering(cpu, memory).unwrap();
                assert!(Region::of(region).0.instance_hour(chosen.name).is_some(), "{} in {region}", chosen.name);
            }
        }
    }

    #[test]
    fn tasks_cost_on_fargate_and_not_on_machines() {
        let spec = |launch: Value, public: bool| {
            let spec = Spec::new().with("launch", launch).with("public_ip", public);
            spec.with("desired", 2_u32).with("cpu", 512_u32).with("memory", 1024_u32)
        };
        let price = |spec: &Spec| Table.price(&kinds::Service::KIND, spec, &facts("us-east-1")).rate;
        assert_eq!(price(&spec("fargate".into(), false)), Rate(2 * (20_240 + 4_445)));
        assert_eq!(price(&spec("fargate".into(), true)), Rate(2 * (20_240 + 4_445 + 5_000)));
        let provider = Value::Map(Spec::new().with("provider", "nodes"));
        assert_eq!(price(&spec(provider, false)), Rate(0));
    }
}
