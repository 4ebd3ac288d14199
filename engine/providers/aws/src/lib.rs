//! AWS: the platform `ecs`, which lowers an environment onto resources of an AWS account, and a driver for each kind of
//! them.
//!
//! Two halves. What is pure needs no SDK and is in every build: the settings of a project file, the lowering, the rules
//! for changing the kinds, and the price table. What talks to AWS stands behind the feature `sdk`, since its crates are
//! large; without it there is no `Ecs`. Nothing outside of this crate names AWS's own types.

#[cfg(feature = "sdk")]
mod drift;
#[cfg(feature = "sdk")]
mod drivers;
#[cfg_attr(not(any(feature = "sdk", test)), expect(dead_code, reason = "the survey writes them"))]
mod facts;
#[cfg(feature = "sdk")]
mod kill;
mod kinds;
#[cfg(feature = "sdk")]
mod links;
#[cfg(feature = "sdk")]
mod live;
#[cfg(feature = "sdk")]
mod logs;
mod lower;
#[cfg_attr(not(any(feature = "sdk", test)), expect(dead_code, reason = "drivers put them on what they make"))]
mod marks;
#[cfg(feature = "sdk")]
mod platform;
mod prices;
#[cfg_attr(not(any(feature = "sdk", test)), expect(dead_code, reason = "the survey chooses one"))]
mod range;
pub mod settings;
#[cfg(feature = "sdk")]
mod survey;
mod wire;

#[cfg(feature = "sdk")]
pub use drivers::Endpoint;
pub use kinds::AwsRules;
pub use lower::lower;
#[cfg(feature = "sdk")]
pub use platform::Ecs;
pub use prices::Table;
pub use wire::tells_requests;
