//! What an operation does, in a few words, as they stand within a sentence; and where it stands.

use crate::{Moment, Sentence};
use gantry_engine::journal::State;
use serde::Serialize;
use std::borrow::Cow;

sentences! {
    /// `deploy web and api:1.4 to dev`.
    Deploy "phrase/deploy" { services: Vec<String> = texts(&["web", "api:1.4"]), env: String = text("dev"), lifetime: Option<String> = some("8 hours") }
    /// `scale web to 3 tasks in dev`.
    Scale "phrase/scale" { service: String = text("web"), replicas: u32 = 3, env: String = text("dev") }
    /// `roll web back to r3 in dev`.
    Rollback "phrase/rollback" { service: String = text("web"), release: Option<String> = some("r3"), env: String = text("dev") }
    /// `restart web in dev`.
    Restart "phrase/restart" { service: String = text("web"), env: String = text("dev") }
    /// `provision dev`.
    Provision "phrase/provision" { env: String = text("dev"), lifetime: Option<String> = some("8 hours") }
    /// `tear down dev`.
    Teardown "phrase/teardown" { env: String = text("dev"), volumes: bool = true }
    /// `remove what is left over of dev`.
    Sweep "phrase/sweep" { env: String = text("dev"), volumes: bool = true }
    /// `extend dev by 4 hours`.
    Extend "phrase/extend" { env: String = text("dev"), by: String = text("4 hours") }
    /// `move the end of dev to ..`.
    Until "phrase/until" { env: String = text("dev"), until: Moment = at() }
    /// `make @ann the owner of dev`.
    Own "phrase/own" { env: String = text("dev"), to: String = text("U01DEVELOPER") }
    /// `undo op-17 in dev`.
    Undo "phrase/undo" { op: String = text("op-17"), env: String = text("dev") }
    /// `keep dev without an end`.
    Keep "phrase/keep" { env: String = text("dev") }
}

/// Where an operation stands, as the end of a sentence: `is running`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stands {
    /// The state.
    pub state: State,
}

impl Sentence for Stands {
    fn file(&self) -> Cow<'static, str> {
        format!("state/{}", self.state.as_str()).into()
    }
}
