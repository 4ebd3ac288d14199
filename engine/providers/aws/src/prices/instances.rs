//! Types of machines: what they offer, and how many tasks they hold.

/// A type of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Its name.
    pub(crate) name: &'static str,
    /// Processors, as threads.
    pub(crate) vcpus: u32,
    /// MiB, as sold.
    pub(crate) memory_mib: u32,
    /// Network interfaces. Each task has one of its own, and the machine itself has one.
    pub(crate) interfaces: u32,
}

const fn instance(name: &'static str, vcpus: u32, memory_gib: u32, interfaces: u32) -> Instance {
    Instance { name, vcpus, memory_mib: memory_gib * 1024, interfaces }
}

/// The types that are known, the cheapest first. Sizes and interfaces: EC2 instance types reference, "Specifications for
/// general purpose instances" (network: maximum interfaces).
pub(crate) static INSTANCES: [Instance; 14] = [
    instance("t4g.micro", 2, 1, 2),
    instance("t3.micro", 2, 1, 2),
    instance("t4g.small", 2, 2, 3),
    instance("t3.small", 2, 2, 3),
    instance("t4g.medium", 2, 4, 3),
    instance("t3.medium", 2, 4, 3),
    instance("t4g.large", 2, 8, 3),
    instance("t3.large", 2, 8, 3),
    instance("m6i.large", 2, 8, 3),
    instance("m7i.large", 2, 8, 3),
    instance("t3.xlarge", 4, 16, 4),
    instance("m6i.xlarge", 4, 16, 4),
    instance("m6i.2xlarge", 8, 32, 4),
    instance("m6i.4xlarge", 16, 64, 8),
];

impl Instance {
    /// A type by its name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        INSTANCES.iter().find(|instance| instance.name == name)
    }

    /// The cheapest type with an Intel or AMD processor that offers so much.
    pub(crate) fn offering(cpu_millis: u32, memory_mib: u32) -> Option<&'static Self> {
        let fits = |of: &&Self| of.vcpus * 1000 >= cpu_millis && of.memory_mib >= memory_mib && !is_arm(of.name);
        INSTANCES.iter().find(fits)
    }

    /// What ECS has to give of its memory. The system takes a part of what is sold: 5 to 8 per cent, as container
    /// instances of these types register; a tenth is on the safe side.
    pub(crate) fn usable_mib(&self) -> u32 {
        self.memory_mib / 10 * 9
    }

    /// How many tasks find a network interface (ECS developer guide, "Allocating a network interface for an Amazon ECS
    /// task": without trunking, each takes one).
    pub(crate) fn tasks(&self) -> u32 {
        self.interfaces - 1
    }
}

/// Whether a type has one of Amazon's Arm processors: `g` after the generation (`t4g`, `m7gd`), as EC2's naming
/// conventions say.
pub(crate) fn is_arm(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let after =
        family.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start_matches(|c: char| c.is_ascii_digit());
    after.contains('g')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_that_offers_enough_is_taken() {
        let offering = |cpu, memory| Instance::offering(cpu, memory).map(|found| found.name);
        assert_eq!(offering(2000, 2048), Some("t3.small"));
        assert_eq!(offering(1000, 1025), Some("t3.small"));
        assert_eq!(offering(2001, 1), Some("t3.xlarge"));
        assert_eq!(offering(64_000, 1), None);
    }

    #[test]
    fn arm_is_told_by_the_name() {
        assert!(["t4g.small", "m7g.large", "c6gn.xlarge", "m7gd.large"].into_iter().all(is_arm));
        assert!(!["t3.small", "m6i.large", "g5.xlarge", "m7a.large", ""].into_iter().any(is_arm));
    }
}
