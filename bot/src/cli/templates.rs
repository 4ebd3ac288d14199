//! `gantry templates`: the words that people read, and a company's own in their place.

use super::args::TemplatesCommand;
use super::{exit, print};
use crate::report;
use anyhow::Context;
use gantry_templates::Templates;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn run(args: &TemplatesCommand) -> anyhow::Result<ExitCode> {
    match args {
        TemplatesCommand::Export { dir } => export(dir)?,
        TemplatesCommand::Check { dir } => {
            let own = read(dir)?;
            Templates::with(&own)?;
            print(&format!(
                "{} is in order: {} of {} templates.\n",
                dir.display(),
                own.len(),
                Templates::files().len()
            ))?;
        }
    }
    Ok(exit::code(exit::DONE))
}

/// Has the program speak in the words of a folder, if there is one. Everything in it is checked first.
pub(super) fn use_own(dir: Option<&PathBuf>) -> anyhow::Result<()> {
    let Some(dir) = dir else { return Ok(()) };
    let templates = Templates::with(&read(dir)?).with_context(|| format!("the templates in {}", dir.display()))?;
    report::speak(templates).map_err(|_| anyhow::anyhow!("something was said before the templates were read"))
}

/// The templates in a folder, by their path below it without the ending.
fn read(dir: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        let unreadable = || format!("{} can't be read", folder.display());
        for entry in std::fs::read_dir(&folder).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "hbs") {
                let text = std::fs::read_to_string(&path);
                let name = path.strip_prefix(dir)?.with_extension("").to_string_lossy().into_owned();
                found.insert(name, text.with_context(|| format!("{} can't be read", path.display()))?);
            }
        }
    }
    anyhow::ensure!(!found.is_empty(), "{} has no template (*.hbs)", dir.display());
    Ok(found)
}

/// Writes the templates that come with the program; never over what is there.
fn export(dir: &Path) -> anyhow::Result<()> {
    let mut written = 0;
    for name in Templates::files() {
        let file = dir.join(format!("{name}.hbs"));
        let unwritable = || format!("{} can't be written", file.display());
        if file.exists() {
            continue;
        }
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(unwritable)?;
        }
        std::fs::write(&file, Templates::source(&name).unwrap_or_default()).with_context(unwritable)?;
        written += 1;
    }
    let kept = Templates::files().len() - written;
    print(&format!(
        "{written} templates written to {}; {kept} were there already and stay as they are.\n",
        dir.display()
    ))?;
    Ok(())
}
