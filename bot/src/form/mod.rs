//! Forms: commands that people fill in instead of typing. A form that was sent is the person saying the same words, so
//! there is one way for all of them from there on. What is read here is pure; what is on the way is in the [`Desk`].

mod asked;
mod desk;
mod memo;
mod words;

pub use asked::{Asked, Kind};
pub use desk::{Desk, Queues, Visitor};
pub use memo::Memo;
pub use words::{Spelt, field, spell};
