//! Slack's types for TypeScript, and its compiler. They need node, npm and its registry; where they aren't, the test fails.

use super::Shape;
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::process::Command;

/// Fields in which any text is as good as another, as far as types go.
const FREE: [&str; 7] = ["action_id", "alt_text", "block_id", "initial_value", "private_metadata", "text", "value"];

/// A view's own type lets blocks pass that it doesn't know.
const STRICT: &str = "import type { HomeView, KnownBlock, ModalView } from '@slack/types';
type Strict<View> = Omit<View, 'blocks'> & { blocks: KnownBlock[] };
";

/// The same shape with fewer words, so that what is alike is compiled once.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if FREE.contains(&name.as_str()) => "x".clone_into(text),
                    field => plain(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// A constant with the type that it must have.
fn constant(shape: &Shape) -> String {
    let (kind, mut value) = match shape {
        Shape::Blocks(blocks) => ("KnownBlock[]", blocks.clone()),
        Shape::View(view) if view["type"] == json!("home") => ("Strict<HomeView>", view.clone()),
        Shape::View(view) => ("Strict<ModalView>", view.clone()),
    };
    plain(&mut value);
    format!("export const sent: {kind} = {value};\n")
}

/// Whether all compile; else what the compiler says. Number `N` of those that differ is in the file `shapeN.ts`.
pub(super) async fn judge(shapes: &[Shape]) -> Result<(), String> {
    let mut constants: Vec<String> = Vec::new();
    for constant in shapes.iter().map(constant) {
        if !constants.contains(&constant) {
            constants.push(constant);
        }
    }
    let modules = crate::node::modules("slack-javascript", "../bot/workspace/tests/node").await;
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&modules, dir.path().join("node_modules")).unwrap();
    for (number, constant) in constants.iter().enumerate() {
        std::fs::write(dir.path().join(format!("shape{number}.ts")), [STRICT, constant].concat()).unwrap();
    }
    let options = json!({ "strict": true, "noEmit": true, "module": "nodenext", "skipLibCheck": true, "types": [] });
    let project = json!({ "compilerOptions": options, "include": ["*.ts"] });
    std::fs::write(dir.path().join("tsconfig.json"), project.to_string()).unwrap();
    let mut compiler = Command::new("node");
    compiler.arg(modules.join("typescript/bin/tsc")).current_dir(dir.path());
    let compiled = compiler.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let words = [compiled.stdout, compiled.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    if compiled.status.success() { Ok(()) } else { Err(words) }
}
