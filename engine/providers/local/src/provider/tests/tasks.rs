//! What is told of tasks and nodes, and which of them a word means.

use super::answers::status;
use crate::api::{Kind, State, TaskExit, TaskHealth as WireHealth, TaskState, TaskView};
use crate::provider::live::{is_meant, shown, task};
use gantry_engine::provider::TaskHealth;
use jiff::Timestamp;

/// A task of the sample's `api`, which wants two.
fn view(id: &str, state: TaskState, ended: Option<i64>) -> TaskView {
    let service = status(Kind::Service, State::Ready, "", &[]);
    let exit = |second| TaskExit {
        at: Timestamp::from_second(second).unwrap(),
        code: Some(1),
        signal: None,
        problem: None,
        last: vec!["listening".to_owned(), "cannot open /data".to_owned()],
    };
    TaskView {
        id: id.to_owned(),
        service: service.id,
        mark: service.mark,
        node: "node-1".to_owned(),
        node_addr: Some("dev/cluster-b/node-1".to_owned()),
        release: 1,
        version: "1".to_owned(),
        state,
        health: WireHealth::Healthy,
        pid: None,
        ports: [].into(),
        started_at: Timestamp::UNIX_EPOCH,
        restarts: 0,
        exit: ended.map(exit),
    }
}

#[test]
fn of_dead_tasks_those_are_told_that_nothing_took_the_place_of() {
    let service = status(Kind::Service, State::Ready, "", &[]);
    let ids = |views: &[TaskView]| shown(&service, views).into_iter().map(|view| view.id.clone()).collect::<Vec<_>>();
    let old = view("old", TaskState::Exited, Some(1));
    let late = view("late", TaskState::Exited, Some(2));
    let running = |id| view(id, TaskState::Running, None);
    assert_eq!(ids(&[old.clone(), late.clone(), running("a"), running("b")]), ["a", "b"]);
    assert_eq!(ids(&[old.clone(), late.clone(), running("a")]), ["a", "late"]);
    let stopping = view("going", TaskState::Stopping, None);
    assert_eq!(ids(&[old, late, stopping]), ["going", "late", "old"]);
    let other = TaskView { service: "svc-2".to_owned(), ..running("c") };
    assert!(ids(&[other]).is_empty());
}

#[test]
fn a_dead_task_tells_how_it_ended() {
    let name = gantry_engine::names::ServiceName::new("api").unwrap();
    let dead = |exit: TaskExit| match task(&name, &TaskView { exit: Some(exit), ..view("a", TaskState::Exited, None) })
    {
        told if told.node == "cluster-b/node-1" => told.health,
        told => panic!("{told:?}"),
    };
    let code = view("a", TaskState::Exited, Some(1)).exit.unwrap();
    let said = |text: &str| TaskHealth::Dead(text.to_owned());
    assert_eq!(dead(code.clone()), said("exited with code 1: cannot open /data"));
    let killed = TaskExit { code: None, signal: Some(9), last: vec![], ..code.clone() };
    assert_eq!(dead(killed), said("ended by signal 9"));
    let never = TaskExit { problem: Some("could not start".to_owned()), last: vec![], ..code };
    assert_eq!(dead(never), said("could not start"));
}

#[test]
fn a_node_is_meant_by_its_id_or_its_address_or_the_end_of_it() {
    for word in ["node-0ce4", "dev/cluster-a/node-1", "cluster-a/node-1", "node-1"] {
        assert!(is_meant(word, "cluster-a/node-1", "node-0ce4"), "{word}");
    }
    for word in ["node", "1", "cluster-a", "a/node-1", "cluster-a/node-11", ""] {
        assert!(!is_meant(word, "cluster-a/node-1", "node-0ce4"), "{word}");
    }
}
