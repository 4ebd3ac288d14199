//! Which node a new task goes to: a pure function over what the nodes have and what is reserved on them.
//!
//! Reservations are arithmetic; nothing enforces them on the processes.

/// A node that takes tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) node: String,
    pub(super) cpu_free: u32,
    pub(super) memory_free: u32,
    /// How many tasks of the service it has already.
    pub(super) same_service: usize,
}

/// What a task takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub(super) cpu_millis: u32,
    pub(super) memory_mib: u32,
}

/// The node with the fewest tasks of the service, then the most room; or what lacks, as a note.
pub(super) fn place(cluster: &str, rooms: &[Room], need: Need) -> Result<String, String> {
    rooms
        .iter()
        .filter(|room| room.cpu_free >= need.cpu_millis && room.memory_free >= need.memory_mib)
        .min_by_key(|room| {
            let free = (std::cmp::Reverse(room.cpu_free), std::cmp::Reverse(room.memory_free));
            (room.same_service, free, room.node.clone())
        })
        .map(|room| room.node.clone())
        .ok_or_else(|| lacking(cluster, rooms, need))
}

fn lacking(cluster: &str, rooms: &[Room], need: Need) -> String {
    let Some(best) = rooms.iter().max_by_key(|room| (room.cpu_free, room.memory_free)) else {
        return format!("no room: cluster {cluster} has no node that is up; add one, or wait for it");
    };
    format!(
        "no room on cluster {cluster}: a task needs {} cpu millis and {} MiB, its {} nodes have at most {} and {} free; \
         add a node or stop something",
        need.cpu_millis,
        need.memory_mib,
        rooms.len(),
        best.cpu_free,
        best.memory_free,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(node: &str, cpu_free: u32, same_service: usize) -> Room {
        Room { node: node.to_owned(), cpu_free, memory_free: 512, same_service }
    }

    #[test]
    fn tasks_spread_then_go_where_most_room_is() {
        let need = Need { cpu_millis: 100, memory_mib: 64 };
        let rooms = [room("a", 900, 1), room("b", 300, 0), room("c", 500, 0)];
        assert_eq!(place("x", &rooms, need).unwrap(), "c");
        assert_eq!(place("x", &rooms[..2], need).unwrap(), "b");
        assert_eq!(place("x", &rooms[..1], need).unwrap(), "a");
    }

    #[test]
    fn a_note_says_what_lacks() {
        let need = Need { cpu_millis: 1_000, memory_mib: 64 };
        let note = place("x", &[room("a", 900, 0)], need).unwrap_err();
        assert!(note.contains("needs 1000 cpu millis") && note.contains("at most 900"), "{note}");
        assert!(place("x", &[], need).unwrap_err().contains("no node that is up"));
    }
}
