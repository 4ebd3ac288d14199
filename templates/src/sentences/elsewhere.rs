//! What is said elsewhere, since its own channel can't be written.

use crate::Said;

sentences! {
    /// Why.
    Closed "elsewhere/closed" { channel: String = text("C01DEV"), archived: bool = false, removed: bool = true, missing: bool = false, lost: bool = false }
    /// What would end it.
    Remedy "elsewhere/remedy" { archived: bool = true, restricted: bool = false }
    /// Before news of an operation.
    ElsewhereOperation "elsewhere/operation" { closed: Said = said("It is archived"), remedy: Said = said("Once it is unarchived"), op: String = text("op-17"), what: Said = said("deploy web to dev"), state: Said = said("is running"), asked: bool = true }
    /// Before news of an environment.
    ElsewhereEnvironment "elsewhere/environment" { closed: Said = said("It is archived"), remedy: Said = said("Once it is unarchived"), env: String = text("dev"), project: String = text("shop") }
    /// Before anything else that somebody should read.
    ElsewherePerson "elsewhere/person" { closed: Said = said("It is archived"), remedy: Said = said("Once it is unarchived") }
}
