//! The log: one JSON object per line, appended, replayed at start and rewritten in its shortest form then and when it has grown.
//!
//! Each line reaches the operating system before the caller goes on, so a killed process loses nothing. It is not forced to the
//! disk: a power cut may cost the last moments. That is enough for a stand-in; the bot's own journal makes no such bargain.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::change::Numbered;
use super::model::Model;

/// The version of the lines. A reader refuses a newer one.
const VERSION: u32 = 1;
const NAME: &str = "log.jsonl";
/// Rewritten while running when so many bytes were appended: cards that are edited often leave much behind.
const REWRITE_AFTER: usize = 32 * 1024 * 1024;

/// Why the log can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file operation failed.
    #[error("failed to {doing} the workspace's log {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// A line, not the last one, can't be read.
    #[error("line {line} of {} can't be read ({reason}): move the file away to start afresh", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer version of this program.
    #[error("{} was written by a newer version (format {found}, known up to {VERSION}): use that version", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    #[serde(flatten)]
    numbered: Numbered,
}

/// Where changes are kept: a file, or nowhere.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<(PathBuf, File)>,
    appended: usize,
    rewrite_after: usize,
}

impl Log {
    /// A log that keeps nothing beyond the process.
    pub(crate) fn in_memory() -> Self {
        Self { file: None, appended: 0, rewrite_after: REWRITE_AFTER }
    }

    /// Replays the log in `dir` into a model, and writes it anew in its shortest form.
    pub(crate) fn open(dir: &Path) -> Result<(Self, Model), LogError> {
        let path = dir.join(NAME);
        let model = replay(&path)?;
        let file = rewrite(&path, &model)?;
        Ok((Self { file: Some((path, file)), appended: 0, rewrite_after: REWRITE_AFTER }, model))
    }

    /// Writes the log anew if much was appended. `model` must be what all of it led to.
    pub(crate) fn tidy(&mut self, model: &Model) -> Result<(), LogError> {
        if self.appended < self.rewrite_after {
            return Ok(());
        }
        if let Some((path, file)) = &mut self.file {
            *file = rewrite(path, model)?;
        }
        self.appended = 0;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn rewrite_after_bytes(&mut self, bytes: usize) {
        self.rewrite_after = bytes;
    }

    /// Appends the changes as one write: after a crash all of them are there, or a torn tail that the next start drops.
    pub(crate) fn append(&mut self, changes: &[Numbered]) -> Result<(), LogError> {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let mut bytes = Vec::new();
        for numbered in changes {
            write_line(&mut bytes, numbered).map_err(|source| io_error("write", path, source))?;
        }
        self.appended += bytes.len();
        file.write_all(&bytes).map_err(|source| io_error("write", path, source))
    }
}

fn io_error(doing: &'static str, path: &Path, source: io::Error) -> LogError {
    LogError::Io { doing, path: path.to_owned(), source }
}

fn write_line(out: &mut impl Write, numbered: &Numbered) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { v: VERSION, numbered: numbered.clone() })?;
    out.write_all(b"\n")
}

fn replay(path: &Path) -> Result<Model, LogError> {
    let mut model = Model::default();
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(model),
        Err(error) => return Err(io_error("read", path, error)),
    };
    // What follows the last newline was being written when the process died: it was never confirmed to anyone.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end);
    let lines = bytes[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    for (index, line) in lines {
        let numbered = read_line(line).map_err(|error| match error {
            Refused::Newer(found) => LogError::Newer { path: path.to_owned(), found },
            Refused::Damaged(reason) => LogError::Damaged { path: path.to_owned(), line: index + 1, reason },
        })?;
        model.apply(&numbered);
    }
    Ok(model)
}

enum Refused {
    Newer(u32),
    Damaged(String),
}

fn read_line(line: &[u8]) -> Result<Numbered, Refused> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    // A newer version's line may well not fit today's: its version is looked at on its own then.
    match serde_json::from_slice::<Line>(line) {
        Ok(line) if line.v <= VERSION => Ok(line.numbered),
        Ok(line) => Err(Refused::Newer(line.v)),
        Err(error) => match serde_json::from_slice::<Versioned>(line) {
            Ok(Versioned { v }) if v > VERSION => Err(Refused::Newer(v)),
            _ => Err(Refused::Damaged(error.to_string())),
        },
    }
}

/// What people say in their workspace is nobody else's business on this machine.
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Writes the shortest history beside the log, and puts it in its place. What follows is written to the same file. All its lines carry the
/// number that was reached, so that numbers go on from there.
fn rewrite(path: &Path, model: &Model) -> Result<File, LogError> {
    let beside = path.with_extension("new");
    let write = || -> io::Result<File> {
        let mut out = BufWriter::new(private(&beside)?);
        for change in model.history() {
            write_line(&mut out, &Numbered { seq: model.seq(), change })?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        Ok(file)
    };
    write().map_err(|source| io_error("rewrite", path, source))
}
