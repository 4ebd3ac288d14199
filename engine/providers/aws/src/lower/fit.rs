//! Whether the tasks of a cluster find room on its machines: processor, memory, and a network interface for each.
//!
//! A computation over what tasks ask for, not over what they use. ECS places them by its own judgement, so this is a fit
//! that exists, not the one that will be.

use super::size::Size;
use crate::prices::Instance;

/// What is free on a machine.
#[derive(Debug, Clone, Copy)]
struct Room {
    cpu: u32,
    memory: u32,
    tasks: u32,
}

impl Room {
    fn of(instance: &Instance) -> Self {
        Self { cpu: instance.vcpus * 1024, memory: instance.usable_mib(), tasks: instance.tasks() }
    }

    /// How many tasks of a size go into it.
    fn holds(&self, size: Size) -> u32 {
        let by = |free: u32, size: u32| free.checked_div(size).unwrap_or(u32::MAX);
        by(self.cpu, size.cpu).min(by(self.memory, size.memory)).min(self.tasks)
    }
}

/// The number of machines that first-fit-decreasing takes; none if that is more than `most`.
pub(super) fn pack(instance: &Instance, most: u32, tasks: impl IntoIterator<Item = (Size, u32)>) -> Option<u32> {
    let mut tasks: Vec<_> = tasks.into_iter().collect();
    tasks.sort_by_key(|(size, _)| std::cmp::Reverse((size.memory, size.cpu)));
    let mut rooms: Vec<Room> = Vec::new();
    for (size, mut left) in tasks {
        // Equal tasks that didn't fit on a machine won't later, so each machine is looked at once per size.
        let mut at = 0;
        while left > 0 {
            if at == rooms.len() {
                if at >= most as usize {
                    return None;
                }
                rooms.push(Room::of(instance));
            }
            let room = &mut rooms[at];
            let taken = room.holds(size).min(left);
            room.cpu -= size.cpu * taken;
            room.memory -= size.memory * taken;
            room.tasks -= taken;
            left -= taken;
            at += 1;
        }
    }
    u32::try_from(rooms.len()).ok()
}

/// Whether one task of a size fits on a machine that has nothing else.
pub(super) fn fits_alone(instance: &Instance, size: Size) -> bool {
    Room::of(instance).holds(size) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(most: u32, tasks: &[(u32, u32, u32)]) -> Option<u32> {
        let small = Instance::named("t3.small").unwrap();
        pack(small, most, tasks.iter().map(|(cpu, memory, count)| (Size { cpu: *cpu, memory: *memory }, *count)))
    }

    #[test]
    fn interfaces_processors_and_memory_all_count() {
        assert_eq!(packed(9, &[]), Some(0));
        assert_eq!(packed(9, &[(128, 64, 2)]), Some(1));
        assert_eq!(packed(9, &[(128, 64, 3)]), Some(2), "a t3.small has interfaces for two tasks");
        assert_eq!(packed(9, &[(128, 1000, 2)]), Some(2), "the system takes its part of the memory");
        assert_eq!(packed(9, &[(1500, 64, 2)]), Some(2));
        assert_eq!(packed(9, &[(128, 1000, 1), (128, 800, 1)]), Some(1), "small ones fill the gaps");
        assert_eq!(packed(2, &[(128, 64, 5)]), None);
        assert_eq!(packed(2, &[(128, 64, 4)]), Some(2));
    }

    #[test]
    fn what_is_larger_than_a_machine_never_fits() {
        let small = Instance::named("t3.small").unwrap();
        assert!(fits_alone(small, Size { cpu: 2048, memory: 1800 }));
        assert!(
            !fits_alone(small, Size { cpu: 2049, memory: 64 }) && !fits_alone(small, Size { cpu: 128, memory: 2000 })
        );
        assert_eq!(pack(small, 5, [(Size { cpu: 4096, memory: 64 }, 1)]), None);
    }
}
