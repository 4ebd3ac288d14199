//! What a subcommand ended with; numbers are part of the interface.

use std::process::ExitCode;

/// As asked.
pub(crate) const DONE: u8 = 0;
/// Failed, refused or reverted.
pub(crate) const FAILED: u8 = 1;
/// A person has to decide.
pub(crate) const WAITING: u8 = 2;
/// Nothing settled within the time given (as `timeout` does it).
pub(crate) const TIMED_OUT: u8 = 124;

/// The process's own form of it.
pub(crate) fn code(code: u8) -> ExitCode {
    ExitCode::from(code)
}
