//! Views: modals and Home tabs. What an app may show, what people fill in, and what an app answers to that.

mod answer;
mod fill;
mod rules;
mod shape;

pub use answer::Verdict;
pub(crate) use answer::{STACK, answer};
pub(crate) use fill::fill;
pub(crate) use rules::{Refused, check};
pub(crate) use shape::shape;
