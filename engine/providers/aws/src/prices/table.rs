//! The figures, in millionths of a US dollar: list prices as AWS's price pages had them, for Fargate, EC2 on-demand
//! (Linux), EBS, VPC (NAT gateways, public IPv4 addresses), Elastic Load Balancing, Route 53 and CloudWatch.

/// The day as of which the figures were read, from published copies of those pages and of the price list; none of them is
/// known to have changed since, and none was asked from AWS.
pub(super) const AS_OF: &str = "2026-03-31";

/// Hours that AWS's own calculator takes for a month.
pub(super) const HOURS_PER_MONTH: u64 = 730;

/// A hosted zone, per month (Route 53; the same in every region). Private namespaces of Cloud Map are hosted zones too.
pub(super) const ZONE_MONTH: u64 = 500_000;

/// A million DNS queries (Route 53).
pub(super) const QUERIES: u64 = 400_000;

/// A metric of Container Insights, per month, for the first 10,000 (CloudWatch).
pub(super) const METRIC_MONTH: u64 = 300_000;

/// What things cost in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    /// Its name.
    name: &'static str,
    /// A NAT gateway, per hour.
    pub(super) nat_hour: u64,
    /// A gigabyte through it.
    pub(super) nat_gb: u64,
    /// A public IPv4 address, per hour (the same in every region since February 2024).
    pub(super) ipv4_hour: u64,
    /// An application load balancer, per hour.
    pub(super) balancer_hour: u64,
    /// A unit of what it does, per hour.
    pub(super) lcu_hour: u64,
    /// A processor of Fargate (Linux, x86), per hour.
    pub(super) vcpu_hour: u64,
    /// A gigabyte of Fargate's memory, per hour.
    pub(super) gb_hour: u64,
    /// A gibibyte of a gp3 disk, per month.
    pub(super) disk_month: u64,
    /// A gibibyte of a snapshot, per month.
    pub(super) snapshot_month: u64,
    /// A gigabyte of logs taken in.
    pub(super) logs_gb: u64,
    /// Machines, per hour.
    instances: &'static [(&'static str, u64)],
}

static REGIONS: [Region; 2] = [
    Region {
        name: "us-east-1",
        nat_hour: 45_000,
        nat_gb: 45_000,
        ipv4_hour: 5_000,
        balancer_hour: 22_500,
        lcu_hour: 8_000,
        vcpu_hour: 40_480,
        gb_hour: 4_445,
        disk_month: 80_000,
        snapshot_month: 50_000,
        logs_gb: 500_000,
        instances: &[
            ("t3.micro", 10_400),
            ("t3.small", 20_800),
            ("t3.medium", 41_600),
            ("t3.large", 83_200),
            ("t3.xlarge", 166_400),
            ("t4g.micro", 8_400),
            ("t4g.small", 16_800),
            ("t4g.medium", 33_600),
            ("t4g.large", 67_200),
            ("m6i.large", 96_000),
            ("m6i.xlarge", 192_000),
            ("m6i.2xlarge", 384_000),
            ("m6i.4xlarge", 768_000),
            ("m7i.large", 100_800),
        ],
    },
    Region {
        name: "eu-central-1",
        nat_hour: 52_000,
        nat_gb: 52_000,
        ipv4_hour: 5_000,
        balancer_hour: 27_000,
        lcu_hour: 8_000,
        vcpu_hour: 46_560,
        gb_hour: 5_110,
        disk_month: 95_200,
        snapshot_month: 54_000,
        logs_gb: 630_000,
        // Others weren't read: a type without a price is named beside the sum.
        instances: &[
            ("t3.micro", 12_000),
            ("t3.small", 24_000),
            ("t3.medium", 48_000),
            ("t3.large", 96_000),
            ("t3.xlarge", 192_000),
            ("t4g.micro", 9_600),
            ("t4g.small", 19_200),
            ("t4g.medium", 38_400),
            ("t4g.large", 76_800),
        ],
    },
];

impl Region {
    /// The prices of a region, and what to say where they are those of another: most regions cost more than the first,
    /// so a price is better than none, if it says whose it is.
    pub(super) fn of(name: &str) -> (&'static Self, Option<String>) {
        match REGIONS.iter().find(|region| region.name == name) {
            Some(region) => (region, None),
            None => {
                let near = if name.starts_with("us-") { &REGIONS[0] } else { &REGIONS[1] };
                (near, Some(format!("prices of {}, since the table has none of {name}", near.name)))
            }
        }
    }

    /// A type of machine, per hour; none if the table doesn't have it.
    pub(super) fn instance_hour(&self, name: &str) -> Option<u64> {
        self.instances.iter().find(|(known, _)| *known == name).map(|(_, price)| *price)
    }
}
