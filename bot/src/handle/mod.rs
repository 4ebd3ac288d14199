//! From words to what they mean: one delivery is handled once, and its handler returns what to answer. Handlers don't
//! speak; what is said about an operation is the reporter's, from its journal.

mod answer;
mod ask;
mod change;
mod choice;
mod control;
mod decide;
mod form;
mod handler;
mod home;
mod lock;
mod logs;
mod scene;
mod schedule;
mod sweep;
mod undo;
mod write;

pub use answer::{
    AboutView, Answer, Came, Choice, HistoryLine, Left, Leftovers, Locks, Logs, No, Preview, ScheduleLine, Standing,
    StatusView, Stop, Until, Whoami, Word,
};
pub use form::FormView;
pub use home::{HomeEnv, HomeView};
pub(crate) use write::read;
pub use write::{Written, write};

pub use handler::Handler;
use handler::Said;
pub(crate) use handler::zone;
