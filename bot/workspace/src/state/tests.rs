//! The log against crashes and strangers: torn lines, damaged lines, newer versions, and the same state after a rewrite.

use std::fs;
use std::io::Write;

use super::*;
use crate::ids::Ts;

fn ts(text: &str) -> Ts {
    text.parse().unwrap()
}

fn post(at: &str, text: &str) -> Change {
    let post = Post {
        channel: "C1".into(),
        ts: ts(at),
        user: "U1".into(),
        bot_id: None,
        text: text.into(),
        blocks: Vec::new(),
        attachments: Vec::new(),
        metadata: None,
        client_msg_id: None,
        thread_ts: None,
        broadcast: false,
        only_for: None,
        edited: None,
        reactions: Vec::new(),
    };
    Change::Posted { post: Box::new(post) }
}

fn numbered(changes: Vec<Change>) -> Vec<Numbered> {
    changes.into_iter().enumerate().map(|(i, change)| Numbered { seq: i as u64 + 1, change }).collect()
}

fn texts(model: &Model) -> Vec<&str> {
    model.messages("C1").map(|post| post.text.as_str()).collect()
}

#[test]
fn a_torn_last_line_is_dropped_and_the_rest_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path()).unwrap();
    log.append(&numbered(vec![post("1.000100", "one"), post("2.000100", "two")])).unwrap();
    drop(log);
    let path = dir.path().join("log.jsonl");
    let whole = fs::read(&path).unwrap();
    for cut in 1..40 {
        fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let (mut log, model) = Log::open(dir.path()).unwrap();
        assert_eq!(texts(&model), ["one"], "cut by {cut}");
        log.append(&numbered(vec![post("3.000100", "three")])).unwrap();
        let (_, model) = Log::open(dir.path()).unwrap();
        assert_eq!(texts(&model), ["one", "three"], "written on after a cut by {cut}");
    }
}

#[test]
fn a_damaged_line_in_the_middle_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path()).unwrap();
    log.append(&numbered(vec![post("1.000100", "one")])).unwrap();
    let path = dir.path().join("log.jsonl");
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"{\"v\":1,\"seq\":9,\"change\":\"unheard_of\"}\n")
        .unwrap();
    let error = Log::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("unheard_of"), "{error}");
}

#[test]
fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("log.jsonl"), "{\"v\":2}\n").unwrap();
    assert!(matches!(Log::open(dir.path()).unwrap_err(), LogError::Newer { found: 2, .. }));
}

#[test]
fn rewriting_keeps_the_state_and_forgets_what_no_longer_matters() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path()).unwrap();
    let edit = |text: &str, at: &str| Change::Edited {
        channel: "C1".into(),
        ts: ts("1.000100"),
        edit: Box::new(Edit {
            at: ts(at),
            text: text.into(),
            blocks: Vec::new(),
            attachments: Vec::new(),
            metadata: None,
        }),
    };
    let changes = vec![
        post("1.000100", "one"),
        edit("one, edited", "3.000100"),
        post("9.000100", "gone"),
        Change::Deleted { channel: "C1".into(), ts: ts("9.000100") },
        Change::Reacted { channel: "C1".into(), ts: ts("1.000100"), reaction: "eyes".into(), user: "U2".into() },
    ];
    log.append(&numbered(changes)).unwrap();
    let (_, first) = Log::open(dir.path()).unwrap();
    let (_, second) = Log::open(dir.path()).unwrap();
    let lines = fs::read_to_string(dir.path().join("log.jsonl")).unwrap().lines().count();
    assert_eq!(lines, 2, "a mark and a message");
    assert_eq!(second.seq(), 5, "numbers go on");
    assert_eq!(second.last_ts(), ts("9.000100"), "a deleted message's timestamp is not given again");
    assert_eq!(first.message("C1", ts("1.000100")), second.message("C1", ts("1.000100")));
    assert_eq!(texts(&second), ["one, edited"]);
}

#[test]
fn a_log_that_has_grown_is_rewritten_while_running() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, mut model) = Log::open(dir.path()).unwrap();
    log.rewrite_after_bytes(2_000);
    let path = dir.path().join("log.jsonl");
    let mut largest = 0;
    for number in 1..100 {
        let change = Numbered { seq: number, change: post("1.000100", &format!("edit {number}")) };
        log.append(std::slice::from_ref(&change)).unwrap();
        model.apply(&change);
        log.tidy(&model).unwrap();
        largest = largest.max(fs::metadata(&path).unwrap().len());
    }
    assert!(largest < 3_000, "grew to {largest}");
    let (_, model) = Log::open(dir.path()).unwrap();
    assert_eq!((texts(&model), model.seq()), (vec!["edit 99"], 99));
}

/// The stored format, as version 1 wrote it. These lines must be read for ever.
#[test]
fn golden_lines_of_version_1() {
    let dir = tempfile::tempdir().unwrap();
    let golden = concat!(
        r#"{"v":1,"seq":7,"change":"mark","last_ts":"1700000009.000000"}"#,
        "\n",
        r#"{"v":1,"seq":8,"change":"posted","post":{"channel":"C1","ts":"1700000010.000000","user":"U1","text":"hello","reactions":[{"name":"eyes","users":["U2"]}]}}"#,
        "\n",
        r#"{"v":1,"seq":9,"change":"edited","channel":"C1","ts":"1700000010.000000","edit":{"at":"1700000011.000000","text":"hello again"}}"#,
        "\n",
        r#"{"v":1,"seq":10,"change":"queued","delivery":{"envelope_id":"e1","kind":"slash_commands","payload":{},"queued_at":"2026-11-20T12:00:00Z","user":"U1","channel":"C1","what":"/gantry"}}"#,
        "\n",
        r#"{"v":1,"seq":11,"change":"queued","delivery":{"envelope_id":"e2","kind":"events_api","payload":{},"queued_at":"2026-11-20T12:00:00Z","user":"U1","channel":"C1","what":"a message"}}"#,
        "\n",
        r#"{"v":1,"seq":12,"change":"settled","envelope_id":"e1"}"#,
        "\n",
    );
    fs::write(dir.path().join("log.jsonl"), golden).unwrap();
    let (_, model) = Log::open(dir.path()).unwrap();
    assert_eq!(texts(&model), ["hello again"]);
    assert_eq!(model.deliveries().iter().map(|d| d.envelope_id.as_str()).collect::<Vec<_>>(), ["e2"]);
    assert_eq!(model.seq(), 12);
}
