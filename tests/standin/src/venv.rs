//! The Python that the stand-in runs on, and other people's tools beside it: virtual environments that are made once,
//! below cargo's target directory.
//!
//! A fresh clone needs nothing but `python3` and a package index. `STANDIN_PYTHON` names another Python, which has
//! everything already, the tools too.

use sha2::{Digest, Sha256};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has what `requirements.txt` says.
pub(crate) fn python(package: &Path) -> PathBuf {
    given().unwrap_or_else(|| made(package, "requirements.txt").join("bin/python"))
}

/// A program that `requirements-tools.txt` brings.
pub(crate) fn program(package: &Path, name: &str) -> PathBuf {
    let beside = given().map(|python| python.with_file_name(name));
    beside.unwrap_or_else(|| made(package, "requirements-tools.txt").join("bin").join(name))
}

#[expect(clippy::disallowed_methods, reason = "a choice of the machine that tests run on: nothing hands it in")]
fn given() -> Option<PathBuf> {
    env::var_os("STANDIN_PYTHON").map(PathBuf::from)
}

/// The virtual environment that has what such a file says.
fn made(package: &Path, requirements: &str) -> PathBuf {
    let requirements = package.join(requirements);
    let wanted = fs::read(&requirements).expect("the requirements can be read");
    let name = format!("standin-venv-{}", hex::encode(&Sha256::digest(wanted)[..4]));
    let target = target();
    let (venv, made) = (target.join(&name), target.join(format!("{name}.made")));
    // Test binaries run side by side: one makes it, the others wait for the lock.
    let lock = File::create(target.join("standin-venv.lock")).expect("the target directory can be written");
    lock.lock().expect("the virtual environment's lock can be taken");
    if !made.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "-r"]).arg(&requirements));
        File::create(&made).expect("the target directory can be written");
    }
    venv
}

/// Cargo's target directory: the one that this test's own binary is in.
fn target() -> PathBuf {
    let binary = env::current_exe().expect("a test knows its own binary");
    let tagged = |dir: &&Path| dir.join("CACHEDIR.TAG").exists() || dir.ends_with("target");
    let found = binary.ancestors().find(tagged);
    found.map_or_else(env::temp_dir, Path::to_path_buf)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
