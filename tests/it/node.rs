//! Programs from npm, in the versions that lock files pin. They need node, npm and a registry; where those aren't, a test fails.

use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The `node_modules` of a package's folder (from this crate's), made on first use below cargo's target directory.
pub(crate) async fn modules(name: &str, package: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = here.join("../bot/workspace/tests/node/modules.sh");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let made = Command::new("sh").arg(script).args([folder, here.join(package)]).output().await.unwrap();
    assert!(made.status.success(), "{package} can't be installed: {}", String::from_utf8_lossy(&made.stderr));
    PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
}
