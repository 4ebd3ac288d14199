//! `docs/commands.md` is made from the table of verbs; this keeps it so.

use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "how a person asks for the page to be written again")]
fn the_page_of_commands_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/commands.md");
    let wanted = gantry_commands::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).expect("docs/commands.md can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/commands.md isn't what the table of verbs says; write it again with\n\
         UPDATE_DOCS=1 cargo test -p gantry-commands --test it page_of_commands"
    );
}
