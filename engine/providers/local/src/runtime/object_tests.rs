//! Identity, outcomes in words, and the files of every format there ever was.

use super::*;
use crate::runtime::task::Record;

const OBJECT_1: &str = include_str!("golden/object-1.json");
const TASK_1: &str = include_str!("golden/task-1.json");

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn object() -> Object {
    serde_json::from_str(OBJECT_1).unwrap()
}

fn failure(what: &str, after_ms: u64, last_line: Option<&str>) -> Failure {
    Failure { what: what.to_owned(), after_ms, last_line: last_line.map(str::to_owned) }
}

#[test]
fn files_of_format_1_are_read_and_written_as_they_are() {
    let again = serde_json::to_string_pretty(&object()).unwrap();
    assert_eq!(again, OBJECT_1.trim_end());
    let task: Record = serde_json::from_str(TASK_1).unwrap();
    assert_eq!(serde_json::to_string_pretty(&task).unwrap(), TASK_1.trim_end());
}

#[test]
fn an_id_is_a_function_of_kind_and_mark() {
    let Object { mark, wanted, id, .. } = object();
    let put = |mark: &Mark, token: &str| Put { mark: mark.clone(), token: token.to_owned(), spec: wanted.clone() };
    assert_eq!(Object::id_of(&put(&mark, "a")), id, "an id never changes, or objects would be lost");
    assert_eq!(Object::id_of(&put(&mark, "b")), id);
    for other in [
        Mark { generation: 2, ..mark.clone() },
        Mark { incarnation: 2, ..mark.clone() },
        Mark { project: "shopd".to_owned(), env: "ev".to_owned(), ..mark },
    ] {
        assert_ne!(Object::id_of(&put(&other, "a")), id);
    }
}

#[test]
fn a_rollout_is_hopeless_after_three_failures_or_the_deadline() {
    let mut object = object();
    assert_eq!(object.hopeless("", at(1_000)), None);
    let late = object.hopeless("1 of 2 tasks healthy", at(1_031)).unwrap();
    assert_eq!(late, "release 2 wasn't complete within 30 s: 1 of 2 tasks healthy");
    let rollout = object.progress.as_mut().unwrap().rollout.as_mut().unwrap();
    rollout.failures = vec![failure("exited with code 1", 1_200, Some("first")); 2];
    rollout.failures.push(failure("was killed by signal 9", 10, None));
    assert_eq!(object.hopeless("", at(1_001)).unwrap(), "1 task of release 2 was killed by signal 9 within 1 s");
    object.progress.as_mut().unwrap().rollout.as_mut().unwrap().failures[2] =
        failure("exited with code 1", 10, Some("cannot open /data"));
    let why = "3 tasks of release 2 exited with code 1 within 2 s: cannot open /data";
    assert_eq!(object.hopeless("", at(1_001)).unwrap(), why);
}

#[test]
fn a_put_is_given_up_once_and_only_while_it_lasts() {
    let mut object = object();
    assert!(object.give_up("why", at(1)));
    assert!(!object.give_up("why else", at(2)));
    let serving = object.reverted().unwrap().serving.unwrap();
    assert_eq!((serving.release, object.effective().unwrap().task.release), (1, 1));
    let put = Put { mark: object.mark.clone(), token: "c".to_owned(), spec: object.wanted.clone() };
    object.update(&put, at(3));
    assert_eq!(object.reverted(), None, "another put is another try");
    assert_eq!(object.superseded, ["a", "b"]);
    object.progress.as_mut().unwrap().settled = true;
    assert!(!object.give_up("too late", at(4)));
}
