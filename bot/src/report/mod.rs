//! What is said: operations as cards and milestones, answers to commands, warnings; and the two loops that tell it.
//!
//! [`project`] turns a journal into messages, purely; the [`Reporter`] stores them beside a marker; the [`Deliverer`]
//! sends what is stored. Nothing here can block or fail an operation, and no sentence is written here: those are in
//! `gantry-templates`.

mod about;
mod answer;
mod buttons;
mod card;
mod cost;
mod deliverer;
mod drift;
mod elsewhere;
mod form;
mod help;
mod home;
mod lanes;
mod lock;
mod milestone;
mod outcome;
mod pace;
mod people;
mod plan;
mod progress;
mod project;
mod record;
mod refusal;
mod reporter;
mod schedule;
mod status;
mod sweep;
mod voice;
mod warning;
mod watch;

pub use answer::{answer, answers};
pub(crate) use answer::{below, key as answer_key};
#[cfg(test)]
pub(crate) use card::sign;
pub use deliverer::Deliverer;
pub use elsewhere::Elsewhere;
pub use form::{form, lacking};
pub use home::home;
pub(crate) use lock::{end_waits, lock_ended, locked_after_rollback, nag};
pub(crate) use people::{announcement, reminder};
pub use project::{ReportContext, project};
pub(crate) use record::line as record_line;
pub use reporter::Reporter;
pub use schedule::{caught_up, missed, overlapped};
pub use voice::in_zone;
pub(crate) use voice::speak;
pub use warning::{Asked, Void, end_fails, owner_left, voided, warning};
pub(crate) use watch::{followed, mended, unwatched};

#[cfg(test)]
mod tests;
