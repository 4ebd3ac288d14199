//! Slack's own SDKs as clients: an independent judge of what the workspace serves. They need `python3` and PyPI, node and npm;
//! the tests fail, rather than being skipped, where those aren't.

mod bolt;
mod javascript;
mod program;
mod python;
