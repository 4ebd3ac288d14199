//! Reads what tasks wrote: `<time> <out|err> <text>` lines, as the shim puts them down.
//!
//! Reads whole files, which the shim keeps short. Blocking; called from a thread that may block.

use crate::api::{LogLine, Span};
use std::fs;
use std::path::{Path, PathBuf};

/// So many lines when the question doesn't say.
const DEFAULT_LINES: usize = 200;

/// The lines of these tasks (id and directory), merged by time, oldest first.
pub(super) fn read(tasks: &[(String, PathBuf)], span: &Span) -> Vec<LogLine> {
    let mut lines: Vec<LogLine> = tasks
        .iter()
        .flat_map(|(task, dir)| lines_of(task, dir))
        .filter(|line| span.since.is_none_or(|since| line.at >= since))
        .collect();
    lines.sort_by_key(|line| line.at);
    let excess = lines.len().saturating_sub(span.lines.unwrap_or(DEFAULT_LINES));
    lines.split_off(excess)
}

fn lines_of(task: &str, dir: &Path) -> Vec<LogLine> {
    ["out.log.1", "out.log"]
        .iter()
        .filter_map(|name| fs::read(dir.join(name)).ok())
        .flat_map(|bytes| {
            String::from_utf8_lossy(&bytes).lines().filter_map(|line| parse(task, line)).collect::<Vec<_>>()
        })
        .collect()
}

/// None for a line that was cut off by a crash.
fn parse(task: &str, line: &str) -> Option<LogLine> {
    let mut parts = line.splitn(3, ' ');
    let at = parts.next()?.parse().ok()?;
    let stream = parts.next()?.to_owned();
    Some(LogLine { at, task: task.to_owned(), stream, text: parts.next()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_merged_by_time_and_cut_to_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let tasks: Vec<(String, PathBuf)> = ["a", "b"].map(|id| (id.to_owned(), dir.path().join(id))).into();
        for (_, dir) in &tasks {
            fs::create_dir(dir).unwrap();
        }
        fs::write(tasks[0].1.join("out.log.1"), "2026-01-01T00:00:01Z out one\n").unwrap();
        fs::write(tasks[0].1.join("out.log"), "2026-01-01T00:00:03Z err three  with spaces\ncut o").unwrap();
        fs::write(tasks[1].1.join("out.log"), "2026-01-01T00:00:02Z out two\n").unwrap();
        let texts = |span: Span| read(&tasks, &span).into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(texts(Span::default()), ["one", "two", "three  with spaces"]);
        assert_eq!(texts(Span { lines: Some(1), since: None }), ["three  with spaces"]);
        let since = Some("2026-01-01T00:00:02Z".parse().unwrap());
        assert_eq!(texts(Span { lines: None, since }), ["two", "three  with spaces"]);
    }
}
