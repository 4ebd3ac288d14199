//! The sentences: one struct each, whose fields fill in the template of its file. No decisions in here.

#[macro_use]
mod table;
mod button;
mod card;
mod cost;
mod drift;
mod elsewhere;
mod event;
mod lock;
mod phrase;
mod record;
mod refused;
mod reply;
mod schedule;
mod view;
mod warning;
mod watch;

pub use button::*;
pub use card::*;
pub use cost::*;
pub use drift::*;
pub use elsewhere::*;
pub use event::*;
pub use lock::*;
pub use phrase::*;
pub use record::*;
pub use refused::*;
pub use reply::*;
pub use schedule::*;
pub use view::*;
pub use warning::*;
pub use watch::*;

use gantry_engine::journal::State;
use table::Sample;

/// Every sentence with sample values.
pub(crate) fn samples() -> Vec<Sample> {
    let changes = [button::samples, card::samples, cost::samples, drift::samples, event::samples, phrase::samples];
    let answers = [lock::samples, record::samples, refused::samples, reply::samples, schedule::samples];
    let rest = [elsewhere::samples, view::samples, warning::samples, watch::samples];
    let states = State::ALL.map(|state| Sample::of(Stands { state }));
    changes.iter().chain(&answers).chain(&rest).flat_map(|samples| samples()).chain(states).collect()
}
