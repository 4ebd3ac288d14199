//! AWS: the platform `ecs`, which lowers an environment onto resources of an AWS account, and a driver for each kind of
//! them.
//!
//! Two halves. What is pure needs no SDK and is in every build: the settings of a project file, the lowering, the rules
//! for changing the kinds, and the price table. What talks to AWS stands behind the feature `sdk`, since its crates are
//! large. Nothing outside of this crate names AWS's own types.

#[cfg(feature = "sdk")]
mod drivers;
mod facts;
mod kinds;
mod lower;
mod marks;
#[cfg(feature = "sdk")]
mod platform;
mod prices;
mod range;
pub mod settings;
#[cfg(feature = "sdk")]
mod survey;

#[cfg(feature = "sdk")]
pub use drivers::Endpoint;
#[cfg(feature = "sdk")]
pub use platform::Ecs;
