//! The example's one small program, in four roles: `web` (a page), `api` (JSON), `db` (a counter on a volume) and
//! `slackbot` (a worker). Small enough to read in ten minutes, real enough that a deploy, a scale, a rollback or a lost
//! volume can be seen in a browser.
//!
//! Blocking threads and the standard library; one crate beside it, for SIGTERM. Not a model for a web server: one request
//! per connection, no TLS, no limits worth the name.
//!
//! # Variants
//! The version (`VERSION`) decides how it behaves, so that trouble can be deployed on purpose: `broken` ends at once with
//! code 1, `sick` runs but answers its health check with 503, `slow` takes `SLOW_SECONDS` (5) to become healthy. Any
//! other version works. A variant may also be the last part of a version: `1.3-broken`.
//!
//! # Environment
//! `PORT`, `VERSION`, `GANTRY_TASK` (set by the runtime); `API_ADDRESS` for `web`, `DB_ADDRESS` for `api` (host and port),
//! `VOLUME` for `db` (the directory; set by the platform for a service that has a volume).

mod http;
mod roles;
mod stop;
mod text;
mod variant;

use std::process::ExitCode;

/// Runs a role until SIGTERM. `args` are those behind the program's name: the role.
///
/// Call it before the process has other threads: SIGTERM is blocked here and waited for, and a thread that was there
/// before would still die of it.
pub fn run(mut args: impl Iterator<Item = String>, env: impl Fn(&str) -> Option<String>) -> ExitCode {
    let role = args.next().unwrap_or_default();
    match roles::serve(&role, env) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            text::complain(&format!("{role}: {why}"));
            ExitCode::FAILURE
        }
    }
}
