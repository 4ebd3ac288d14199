//! The job by Ansible's modules.

use crate::{JOB, Part, Tool};
use gantry_benches::{Cost, cost_of_children};
use gantry_standin::Standin;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Some modules read the one name of its variable, some the other.
const REGION: &str = "eu-central-1";

pub(crate) struct Ansible {
    venv: PathBuf,
    url: String,
    home: tempfile::TempDir,
}

impl Ansible {
    pub(crate) fn on(standin: &Standin, venv: &Path) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        Self { venv: venv.to_owned(), url: standin.url().to_owned(), home }
    }

    fn play(&self, book: &str) -> Cost {
        let (cost, output) = cost_of_children(|| {
            Command::new(self.venv.join("bin/ansible-playbook"))
                .arg(Path::new(JOB).join(book))
                .env("AWS_ENDPOINT_URL", &self.url)
                .envs([("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")])
                .envs([("AWS_REGION", REGION), ("AWS_DEFAULT_REGION", REGION), ("AWS_EC2_METADATA_DISABLED", "true")])
                .env("ANSIBLE_HOME", self.home.path())
                .env("ANSIBLE_PYTHON_INTERPRETER", self.venv.join("bin/python"))
                .output()
        });
        let output = output.expect("Ansible is there and starts");
        assert!(output.status.success(), "{book}: {}", String::from_utf8_lossy(&output.stdout));
        cost
    }
}

impl Tool for Ansible {
    fn name(&self) -> &'static str {
        "Ansible"
    }

    fn files(&self) -> &'static [&'static str] {
        &["job.yml", "up.yml", "down.yml"]
    }

    fn does(&self, part: Part) -> Cost {
        self.play(match part {
            Part::Up | Part::Again => "up.yml",
            Part::Down => "down.yml",
        })
    }
}
