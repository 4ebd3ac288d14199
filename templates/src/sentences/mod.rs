//! The sentences: one struct each, whose fields fill in the template of its file. No decisions in here.

#[macro_use]
mod table;
mod button;
mod card;
mod event;
mod phrase;
mod refused;
mod reply;
mod warning;

pub use button::*;
pub use card::*;
pub use event::*;
pub use phrase::*;
pub use refused::*;
pub use reply::*;
pub use warning::*;

use table::Sample;

/// Every sentence with sample values.
pub(crate) fn samples() -> Vec<Sample> {
    let changes = [button::samples, card::samples, event::samples, phrase::samples];
    let answers = [refused::samples, reply::samples, warning::samples];
    changes.into_iter().chain(answers).flat_map(|samples| samples()).collect()
}
