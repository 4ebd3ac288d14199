//! The provider's tests: what an environment is lowered to, how it changes, and what the runtime's answers mean.

mod answers;
mod changes;
mod lowering;
mod sample;
mod tasks;
