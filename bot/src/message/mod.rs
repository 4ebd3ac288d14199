//! Messages and views: Slack's Block Kit as our own small types, with its limits, and the mark by which a message is found
//! again.
//!
//! It knows what fits into a message and what a button means, not what is said: that's `report`'s, with the sentences of
//! the crate `gantry-templates`.

mod block;
mod body;
mod button;
mod fit;
mod mark;
mod view;
mod wire;

pub use block::{Block, Message};
pub use body::{About, BadBody, Body, Marked};
pub use button::{Button, ButtonValue, Confirm, Style};
pub use fit::limit;
pub use mark::{MarkState, PostMark};
pub use view::{Field, Form, Home, Input, filled};

#[cfg(test)]
pub(crate) mod tests;
