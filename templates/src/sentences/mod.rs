//! The sentences: one struct each, whose fields fill in the template of its file. No decisions in here.

#[macro_use]
mod table;
mod button;
mod card;
mod event;
mod phrase;
mod reply;
mod warning;

pub use button::*;
pub use card::*;
pub use event::*;
pub use phrase::*;
pub use reply::*;
pub use warning::*;

use table::Sample;

/// Every sentence with sample values.
pub(crate) fn samples() -> Vec<Sample> {
    let modules = [button::samples, card::samples, event::samples, phrase::samples, reply::samples, warning::samples];
    modules.into_iter().flat_map(|samples| samples()).collect()
}
