//! What the benches share: measuring, the processes they compare with, and tables.
//!
//! Benches print figures and judge nothing: the machines they run on are shared, so a limit here would fail at random.
//! Figures that are compared are taken in turn, in one run.

mod child;
mod measure;
mod table;

pub use child::{Child, Memory};
pub use measure::{Cost, Spread, cost, cost_of_children, median, quantile, rounds};
pub use table::{Table, micros, millis, say, times};
