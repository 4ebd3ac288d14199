//! The steps of scaling and rolling, from facts written as words.

use super::*;

/// `c` or `o` for current or old, then `+` healthy, `-` not, `x` stopping.
fn facts(words: &str) -> Vec<Fact> {
    words
        .split_whitespace()
        .enumerate()
        .map(|(index, word)| Fact {
            id: format!("{word}{index}"),
            current: word.starts_with('c'),
            healthy: word.ends_with('+'),
            stopping: word.ends_with('x'),
            started_at: Timestamp::from_second(i64::try_from(index).unwrap()).unwrap(),
        })
        .collect()
}

fn step(replicas: u32, order: Order, words: &str) -> (u32, Vec<String>) {
    let want = Want { replicas, batch: None, order };
    let Next { start, stop } = next(Some(want), &facts(words));
    (start, stop)
}

fn stops(ids: &[&str]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[test]
fn scaling_starts_what_is_missing_and_stops_the_least_useful() {
    use Order::{StartFirst, StopFirst};
    assert_eq!(step(3, StartFirst, ""), (3, vec![]));
    assert_eq!(step(3, StartFirst, "c+ c- c+"), (0, vec![]));
    assert_eq!(step(1, StartFirst, "c+ c+ c-"), (0, stops(&["c-2", "c+1"])));
    assert_eq!(step(1, StartFirst, "cx"), (1, vec![]));
    assert_eq!(step(1, StopFirst, "cx"), (0, vec![]), "a volume's only user must be gone first");
}

#[test]
fn start_first_never_has_fewer_healthy_tasks_than_wanted() {
    let roll = |words| step(3, Order::StartFirst, words);
    assert_eq!(roll("o+ o+ o+"), (2, vec![]));
    assert_eq!(roll("o+ o+ o+ c- c-"), (0, vec![]));
    assert_eq!(roll("o+ o+ o+ c+ c-"), (1, stops(&["o+2"])));
    assert_eq!(roll("o+ o+ ox c+ c+"), (1, stops(&["o+1"])));
    assert_eq!(roll("o+ c+ c+ c-"), (0, vec![]));
    assert_eq!(roll("o+ c+ c+ c+"), (0, stops(&["o+0"])));
    assert_eq!(roll("o- o+ o+"), (2, stops(&["o-0"])), "what doesn't serve isn't missed");
}

#[test]
fn stop_first_never_has_more_tasks_than_wanted() {
    let roll = |words| step(2, Order::StopFirst, words);
    assert_eq!(roll("o+ o+"), (0, stops(&["o+1"])));
    assert_eq!(roll("o+ ox"), (0, vec![]));
    assert_eq!(roll("o+"), (1, vec![]));
    assert_eq!(roll("o+ c-"), (0, vec![]));
    assert_eq!(roll("o+ c+"), (0, stops(&["o+0"])));
    assert_eq!(step(1, Order::StopFirst, "o-"), (0, stops(&["o-0"])));
}

#[test]
fn a_service_that_goes_loses_everything() {
    assert_eq!(next(None, &facts("c+ o- cx")), Next { start: 0, stop: stops(&["c+0", "o-1"]) });
}

/// Plays a rollout to its end: each round all starts become healthy and all stops are done.
#[test]
fn every_rollout_ends_and_keeps_its_promise() {
    for replicas in 1..7 {
        for order in [Order::StartFirst, Order::StopFirst] {
            let mut tasks = facts(&"o+ ".repeat(replicas as usize));
            let mut rounds = 0;
            while tasks.iter().filter(|task| task.current).count() < replicas as usize
                || tasks.iter().any(|t| !t.current)
            {
                let Next { start, stop } = next(Some(Want { replicas, batch: None, order }), &tasks);
                assert!(start > 0 || !stop.is_empty(), "stuck with {replicas} replicas, {order:?}");
                tasks.retain(|task| !stop.contains(&task.id));
                if order == Order::StartFirst {
                    assert!(healthy(&tasks.iter().collect::<Vec<_>>()) >= replicas);
                }
                tasks.extend(facts(&"c+ ".repeat(start as usize)).into_iter().map(|mut task| {
                    task.id = format!("{}-{rounds}", task.id);
                    task
                }));
                if order == Order::StopFirst {
                    assert!(count(&tasks) <= replicas);
                }
                rounds += 1;
                assert!(rounds < 50);
            }
        }
    }
}
