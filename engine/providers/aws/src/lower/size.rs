//! How much a task takes, in the units of ECS. Fargate sells certain sizes only; a wish is rounded up to one of them.

use gantry_engine::project::Capacity;

/// What a task takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// CPU units, 1024 to a processor.
    pub(super) cpu: u32,
    /// MiB.
    pub(super) memory: u32,
}

/// The least CPU units of a task on EC2 (ECS developer guide, "Task size").
const LEAST_CPU: u32 = 128;

/// The least memory of a container in MiB (ECS API reference, `ContainerDefinition.memory`).
const LEAST_MEMORY: u32 = 6;

/// What Fargate sells: CPU units, then the least, the most and the step of memory in GiB (ECS developer guide, "Task CPU
/// and memory" for Fargate). A quarter of a processor also goes with half a GiB, and comes first.
const FARGATE: [(u32, u32, u32, u32); 7] = [
    (256, 1, 2, 1),
    (512, 1, 4, 1),
    (1024, 2, 8, 1),
    (2048, 4, 16, 1),
    (4096, 8, 30, 1),
    (8192, 16, 60, 4),
    (16384, 32, 120, 8),
];

impl Size {
    /// As it was asked for.
    pub(super) fn asked(of: Capacity) -> Self {
        let cpu = (u64::from(of.cpu_millis) * 1024).div_ceil(1000);
        Self { cpu: u32::try_from(cpu).unwrap_or(u32::MAX), memory: of.memory_mib }
    }

    /// On a machine of ours: nearly what was asked for.
    pub(super) fn on_nodes(of: Capacity) -> Self {
        let asked = Self::asked(of);
        Self { cpu: asked.cpu.max(LEAST_CPU), memory: asked.memory.max(LEAST_MEMORY) }
    }

    /// The smallest that Fargate sells which offers at least this; none if it is too large.
    pub(super) fn on_fargate(of: Capacity) -> Option<Self> {
        let asked = Self::asked(of);
        if asked.cpu <= 256 && asked.memory <= 512 {
            return Some(Self { cpu: 256, memory: 512 });
        }
        FARGATE.into_iter().find_map(|(cpu, least, most, step)| {
            let wish = asked.memory.div_ceil(1024).max(least);
            let memory = least + (wish - least).div_ceil(step) * step;
            (asked.cpu <= cpu && memory <= most).then_some(Self { cpu, memory: memory * 1024 })
        })
    }

    /// As people read it.
    pub(super) fn shown(self) -> String {
        let thousandths = u64::from(self.cpu) * 1000 / 1024;
        let cpu = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        format!("{} vCPU and {} MiB", cpu.trim_end_matches('0').trim_end_matches('.'), self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fargate(cpu_millis: u32, memory_mib: u32) -> Option<(u32, u32)> {
        Size::on_fargate(Capacity { cpu_millis, memory_mib }).map(|size| (size.cpu, size.memory))
    }

    #[test]
    fn a_wish_is_rounded_up_to_what_fargate_sells() {
        assert_eq!(fargate(100, 128), Some((256, 512)));
        assert_eq!(fargate(250, 513), Some((256, 1024)));
        assert_eq!(fargate(250, 2049), Some((512, 3072)), "memory asks for more processor");
        assert_eq!(fargate(1000, 512), Some((1024, 2048)), "processor asks for more memory");
        assert_eq!(fargate(1001, 512), Some((2048, 4096)));
        assert_eq!(fargate(4000, 30 * 1024 + 1), Some((8192, 32 * 1024)));
        assert_eq!(fargate(8000, 17 * 1024), Some((8192, 20 * 1024)), "in steps of 4 GiB");
        assert_eq!(fargate(16_000, 120 * 1024), Some((16_384, 120 * 1024)));
        assert_eq!((fargate(16_001, 1), fargate(1, 121 * 1024)), (None, None));
    }

    #[test]
    fn on_nodes_it_is_as_asked_but_for_the_least() {
        assert_eq!(Size::on_nodes(Capacity { cpu_millis: 250, memory_mib: 64 }), Size { cpu: 256, memory: 64 });
        assert_eq!(Size::on_nodes(Capacity { cpu_millis: 10, memory_mib: 1 }), Size { cpu: 128, memory: 6 });
    }

    #[test]
    fn sizes_are_shown_without_needless_noughts() {
        assert_eq!(Size { cpu: 256, memory: 512 }.shown(), "0.25 vCPU and 512 MiB");
        assert_eq!(Size { cpu: 1024, memory: 2048 }.shown(), "1 vCPU and 2048 MiB");
    }
}
