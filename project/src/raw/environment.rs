//! `[environments.NAME]` and `[[allow]]`.

use super::{Approval, At, Length, Word};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How an environment lives. The name is an environment's, or a pattern with one `*` (`"pr-*"`).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[environments.NAME]")]
pub(crate) struct Environment {
    /// What it runs on. Which names there are is the installation's matter; `local` is always there.
    #[schemars(required, example = &"local", extend("x-also" = ["provider", "cloud", "target"]))]
    pub(crate) platform: Option<At<String>>,
    /// How long it lives when a command doesn't say. Without it, as long as `max`; without both, until somebody ends
    /// it.
    #[schemars(example = &"8h", extend("x-also" = ["ttl", "expires", "lifetime"]))]
    pub(crate) expiry: Option<At<Length>>,
    /// The longest life, always counted from its creation.
    #[schemars(example = &"3d", extend("x-also" = ["maximum", "max_expiry"]))]
    pub(crate) max: Option<At<Length>>,
    /// Whose word a change needs: one of two words, or the votes of others.
    #[serde(default = "confirm")]
    #[schemars(example = &"none", example = json!({ "votes": 1, "from": "@platform" }), extend("x-also" = ["approve", "policy"]))]
    pub(crate) approval: At<Approval>,
    /// Whose word it needs to go back to the release of a service that served before the one that runs. Left out, the
    /// requester's own at most.
    #[schemars(example = &"none", extend("x-also" = ["rollbacks"]))]
    pub(crate) rollback: Option<At<Approval>>,
    /// The channel where it is talked about.
    #[schemars(example = &"#dev")]
    pub(crate) channel: Option<At<String>>,
    /// What becomes of data when the environment ends.
    #[serde(default = "keep")]
    #[schemars(example = &"delete", extend("x-also" = ["volume"]))]
    pub(crate) volumes: At<VolumesAtEnd>,
    /// Environments whose resources this one may refer to, by name. They can't end before this one does.
    #[serde(default)]
    #[schemars(example = ["shared"])]
    pub(crate) uses: Vec<At<String>>,
}

/// What becomes of data when an environment ends.
#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VolumesAtEnd {
    /// Volumes stay, and the receipt names them.
    Keep,
    /// Volumes go with the environment; every card that shows the expiry says so.
    Delete,
}

/// One rule: who may do what where. What no rule allows is refused.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "[[allow]]")]
pub(crate) struct Allow {
    /// Who: user groups (`@platform`), people (`user:handle`), or `everyone`, which is every full member of the workspace.
    /// Guests and people of other organisations (Slack Connect) are only meant by `guests` and `strangers`, or by
    /// `user:` with their id; bots and people who have left never are.
    #[schemars(required, length(min = 1), example = ["@developers", "user:handle"], example = ["guests"])]
    pub(crate) who: Option<Vec<At<String>>>,
    /// What: verbs as in commands (`deploy`, `scale`), or `*` for all of them. `deploy!` is a right of its own, to skip
    /// approval; `*` doesn't give it, `*!` gives it for every change.
    #[schemars(required, length(min = 1), example = ["deploy", "scale", "status"], extend("x-also" = ["can", "may", "actions"]))]
    pub(crate) verbs: Option<Vec<At<String>>>,
    /// Where: names or patterns of environments. Left out, everywhere.
    #[schemars(length(min = 1), example = ["dev", "pr-*"], extend("x-also" = ["envs", "in", "where"]))]
    pub(crate) environments: Option<Vec<At<String>>>,
    /// Where it has to be said: channels. Left out, anywhere, direct messages too.
    #[schemars(length(min = 1), example = ["#ops"], extend("x-also" = ["channel", "said_in"]))]
    pub(crate) channels: Option<Vec<At<String>>>,
}

fn confirm() -> At<Approval> {
    At::given(Approval::Word(Word::Confirm))
}

fn keep() -> At<VolumesAtEnd> {
    At::given(VolumesAtEnd::Keep)
}
