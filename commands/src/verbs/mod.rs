//! The verbs: one file each, and the table that lists them. Parser, help, completion and `docs/commands.md` are all
//! made from the entries. To add a verb: its file here, its line in `table.rs`, its variant in `ast.rs`.

mod about;
mod approve;
mod cancel;
mod deploy;
mod extend;
mod give;
mod help;
mod history;
mod keep;
mod kill;
mod lock;
mod locks;
mod logs;
mod outputs;
mod own;
mod plan;
mod provision;
mod reject;
mod reload;
mod restart;
mod resume;
mod retry;
mod rollback;
mod scale;
mod schedule;
mod schedules;
mod status;
mod steal;
mod sweep;
mod table;
mod teardown;
#[cfg(test)]
pub(crate) mod testing;
mod undo;
mod unlock;
mod unschedule;
mod whoami;

pub use table::{Category, Verb, VerbSpec};
