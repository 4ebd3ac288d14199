//! The validators of Slack's Python SDK. They need `python3` and PyPI; where there is neither, the test fails.

use super::Shape;
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The interpreter of an environment that has `slack_sdk`, made on first use.
async fn interpreter() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/workspace/tests/python/venv.sh");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slack-sdk-shapes");
    let made = Command::new("sh").arg(script).arg(folder).output().await.unwrap();
    assert!(made.status.success(), "no Python with slack_sdk: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// Whether all are right; else what is said about the first that isn't.
pub(super) async fn judge(shapes: &[Shape]) -> Result<(), String> {
    let line = |shape: &Shape| match shape {
        Shape::Blocks(blocks) => format!("{}\n", json!({ "blocks": blocks })),
        Shape::View(view) => format!("{}\n", json!({ "view": view })),
    };
    let lines: String = shapes.iter().map(line).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/slack_shapes.py");
    let mut judge = Command::new(interpreter().await);
    judge.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut judge = judge.spawn().unwrap();
    let mut input = judge.stdin.take().unwrap();
    // It reads no further than the first that is wrong.
    let (_, judged) = tokio::join!(async move { input.write_all(lines.as_bytes()).await }, judge.wait_with_output());
    let judged = judged.unwrap();
    if !judged.status.success() {
        return Err(String::from_utf8_lossy(&judged.stderr).into_owned());
    }
    assert_eq!(String::from_utf8_lossy(&judged.stdout).trim(), shapes.len().to_string());
    Ok(())
}
