//! The buttons that cards and warnings have.

use super::voice::{full, label, plain, words};
use super::{lock, plan};
use crate::message::{Button, Confirm, Style};
use gantry_engine::change::Change;
use gantry_engine::journal::Operation;
use gantry_engine::lock::Target;
use gantry_engine::names::{EnvKey, OpId};
use gantry_engine::schedule::ScheduleId;
use gantry_templates::{Sentence, sentences as s};
use jiff::Timestamp;

/// A dialog is one template of four lines: title, text, yes, no.
fn confirm(sentence: &impl Sentence) -> Confirm {
    let said = words().say(sentence);
    let text = plain(&said);
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (title, _, yes, no) = (next(), next(), next(), next());
    Confirm { title, text: said.mrkdwn.line(1), yes, no }
}

/// For and against exactly this plan.
pub(super) fn vote(op: &Operation) -> [Button; 2] {
    let (plan, motion) = (op.digest.short().to_owned(), op.motion().digest());
    let ask = s::ConfirmApprove { op: op.id.to_string(), plan, numbers: plan::numbers(&op.plan) };
    [
        Button::new(label(&s::LabelApprove {}), format!("approve {}", op.id))
            .for_plan(&motion)
            .style(Style::Primary)
            .confirm(confirm(&ask)),
        Button::new(label(&s::LabelAskReject {}), format!("reject {} …", op.id)).for_plan(&motion).style(Style::Danger),
    ]
}

/// Asks what to deploy, and where unless that is said.
pub(super) fn ask_deploy(env: Option<&EnvKey>) -> Button {
    let words = env.map_or_else(|| "deploy …".to_owned(), |env| format!("deploy to {} …", full(env)));
    Button::new(label(&s::LabelAskDeploy {}), words).style(if env.is_none() { Style::Primary } else { Style::Plain })
}

/// Asks which environment to make.
pub(super) fn ask_provision() -> Button {
    Button::new(label(&s::LabelAskProvision {}), "provision …")
}

/// Asks how far to move an end.
pub(super) fn ask_extend(env: &EnvKey) -> Button {
    Button::new(label(&s::LabelAskExtend {}), format!("extend {} …", full(env)))
}

pub(super) fn cancel(op: OpId) -> Button {
    Button::new(label(&s::LabelCancel {}), format!("cancel {op}"))
        .style(Style::Danger)
        .confirm(confirm(&s::ConfirmCancel { op: op.to_string() }))
}

pub(super) fn retry(op: OpId) -> Button {
    Button::new(label(&s::LabelRetry {}), format!("retry {op}")).style(Style::Primary)
}

/// Takes back what an operation left standing.
pub(super) fn undo(op: OpId) -> Button {
    Button::new(label(&s::LabelUndo {}), format!("undo {op}"))
        .style(Style::Danger)
        .confirm(confirm(&s::ConfirmUndo { op: op.to_string() }))
}

/// Goes on with what ended in the middle.
pub(super) fn go_on(op: OpId) -> Button {
    Button::new(label(&s::LabelGoOn {}), format!("resume {op}")).style(Style::Primary)
}

/// Says the same words once more.
pub(super) fn again(request: &str) -> Button {
    Button::new(label(&s::LabelAgain {}), request)
}

/// Says what was only shown so far.
pub(super) fn do_it(request: &str) -> Button {
    Button::new(label(&s::LabelDoIt {}), request).style(Style::Primary)
}

pub(super) fn help(verb: Option<&str>) -> Button {
    Button::new(label(&s::LabelHelp {}), verb.map_or_else(|| "help".to_owned(), |verb| format!("help {verb}")))
}

pub(super) fn help_all() -> Button {
    Button::new(label(&s::LabelHelpAll {}), "help all")
}

/// Proposes to remove what is left over under a name; data stays unless somebody says otherwise in words.
pub(super) fn remove(env: &EnvKey) -> Button {
    Button::new(label(&s::LabelRemove { env: env.env.to_string() }), format!("sweep {}", full(env)))
}

/// Ends a follow by the words that do.
pub(super) fn unfollow(words: &str) -> Button {
    Button::new(label(&s::LabelUnfollow {}), words)
}

pub(super) fn status(env: &EnvKey) -> Button {
    Button::new(label(&s::LabelStatus {}), format!("status {}", full(env)))
}

pub(super) fn outputs(env: &EnvKey) -> Button {
    Button::new(label(&s::LabelOutputs {}), format!("outputs {}", full(env)))
}

pub(super) fn extend(env: &EnvKey, by: &str) -> Button {
    Button::new(label(&s::LabelExtend { by: by.to_owned() }), format!("extend {} by {by}", full(env)))
}

/// Moves the end as far as the project allows.
pub(super) fn keep_until(env: &EnvKey, latest: Timestamp) -> Button {
    Button::new(label(&s::LabelKeepUntil { at: words().time(latest) }), format!("extend {} until {latest}", full(env)))
}

/// Makes whoever clicks the owner.
pub(super) fn take(env: &EnvKey) -> Button {
    Button::new(label(&s::LabelTake {}), format!("own {}", full(env))).style(Style::Primary)
}

pub(super) fn pause(id: ScheduleId) -> Button {
    Button::new(label(&s::LabelPause {}), format!("schedule pause {id}"))
}

pub(super) fn resume(id: ScheduleId) -> Button {
    Button::new(label(&s::LabelResume {}), format!("schedule resume {id}")).style(Style::Primary)
}

pub(super) fn unschedule(id: ScheduleId) -> Button {
    Button::new(label(&s::LabelUnschedule {}), format!("unschedule {id}")).style(Style::Danger)
}

pub(super) fn keep(env: &EnvKey) -> Button {
    let ask = s::ConfirmKeep { env: env.env.to_string(), full: full(env) };
    Button::new(label(&s::LabelKeep {}), format!("keep {}", full(env))).confirm(confirm(&ask))
}

/// `deleted`: the services whose data goes too. `now` where there is an end that it would come before.
pub(super) fn teardown(env: &EnvKey, deleted: Vec<String>, now: bool) -> Button {
    let label = if now { label(&s::LabelTeardownNow {}) } else { label(&s::LabelTeardown {}) };
    let ask = s::ConfirmTeardown { env: env.env.to_string(), full: full(env), deleted };
    Button::new(label, format!("teardown {}", full(env))).style(Style::Danger).confirm(confirm(&ask))
}

/// Says the same again, to wait for a lock or a freeze.
pub(super) fn when_free(words: &str) -> Button {
    Button::new(label(&s::LabelWhenFree {}), words).style(Style::Primary)
}

/// Gives a lock another end.
pub(super) fn longer(words: String, by: &str) -> Button {
    Button::new(label(&s::LabelExtend { by: by.to_owned() }), words)
}

pub(super) fn unlock(target: &Target) -> Button {
    Button::new(label(&s::LabelUnlock {}), lock::unlock_words(target))
}

/// Locks a service for the reason that it was rolled back for.
pub(super) fn lock_after(op: &Operation) -> Option<Button> {
    let Change::Rollback { service, .. } = &op.request.change else { return None };
    let target = Target { key: op.request.key.clone(), service: Some(service.clone()) };
    let because = op.request.because.as_ref().unwrap_or(&op.request.words);
    let (words, _) = lock::lock_words(&target, None, because)?;
    Some(Button::new(label(&s::LabelLock { service: service.to_string() }), words))
}
