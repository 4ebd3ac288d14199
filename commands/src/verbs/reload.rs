//! `reload`: the project files, read again. It has a right of its own.

use super::{Category, Verb, VerbSpec};
use crate::args::Args;
use crate::reader::Reader;
use crate::refer::Existence;
use crate::{Command, Control, ParseError};

pub(super) const SPEC: VerbSpec = VerbSpec {
    verb: Verb::Reload,
    name: "reload",
    aliases: &[],
    category: Category::Care,
    summary: "Reads the project files again; needs a right of its own.",
    usage: "reload",
    notes: &["What runs stays as it is; the next plan uses the new files."],
    examples: &["reload"],
    slots: &[],
    clauses: &[],
    existence: Existence::Known,
    parse,
};

fn parse(reader: &mut Reader<'_>, spec: &'static VerbSpec) -> Result<Command, ParseError> {
    Args::read(reader, spec)?;
    Ok(Command::Control(Control::Reload))
}

#[cfg(test)]
mod tests {
    use crate::verbs::testing::{canonical, refusal};

    #[test]
    fn nothing_follows() {
        assert_eq!(canonical("/gantry reload"), "reload");
        assert_eq!(refusal("reload web"), "`web` doesn't fit here");
    }
}
