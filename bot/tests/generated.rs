//! The files that are generated from the types of `gantry-project` and from the platforms' own settings: the JSON
//! Schema and the handbook's page. Checked here, written when asked:
//! `GANTRY_WRITE_DOCS=1 cargo test -p gantry --test generated`.

use std::path::{Path, PathBuf};

/// Compares a file under `docs` with what it should be, or writes it.
fn up_to_date(name: &str, wanted: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    #[expect(clippy::disallowed_methods, reason = "a developer's switch, read by this test alone")]
    let write = std::env::var_os("GANTRY_WRITE_DOCS").is_some();
    if write {
        std::fs::create_dir_all(path.parent().expect("docs has a parent")).expect("docs can be made");
        std::fs::write(&path, wanted).expect("docs can be written");
        return;
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == wanted,
        "docs/{name} isn't what the types say; write it with\n    GANTRY_WRITE_DOCS=1 cargo test -p gantry --test generated"
    );
}

#[test]
fn the_schema_is_up_to_date() {
    let schema =
        serde_json::to_string_pretty(&gantry_project::schema(&gantry::platforms::known())).expect("a schema is JSON");
    up_to_date("gantry.schema.json", &(schema + "\n"));
}

#[test]
fn the_metrics_are_up_to_date() {
    let page = include_str!("../../docs/metrics.md");
    let (before, _) = page.split_once("| name").unwrap_or((page, ""));
    up_to_date("metrics.md", &format!("{before}{}", gantry::metrics::table()));
}

#[test]
fn the_reference_is_up_to_date() {
    up_to_date("project-file.md", &gantry_project::reference(&gantry::platforms::known()));
}
