//! The provider `local` and its platform of the same name: environments on one machine, through the runtime's API.
//!
//! Decides what an environment is made of and how each kind changes; processes, sockets and names are the runtime's
//! work. Keeps nothing: what is there is asked every time.

mod driver;
mod error;
mod kinds;
mod live;
mod lower;
mod marks;
mod platform;
mod rules;
mod survey;
#[cfg(test)]
mod tests;

pub use platform::Local;
