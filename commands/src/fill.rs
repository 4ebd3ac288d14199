//! The places of a command that a thread or a channel may fill: one way to them for all verbs, so that whoever knows the
//! thread needn't know the verbs. It fills nothing itself.

use crate::{Action, Change, Command, Control, Qualified, Question};
use gantry_engine::names::{EnvName, OpId, ServiceName};

impl Command {
    /// The place for the environment, if the command has one; `Some(None)` inside means that it was left out.
    pub fn env_mut(&mut self) -> Option<&mut Option<Qualified<EnvName>>> {
        match self {
            Self::Change(change) | Self::Plan(change) => Some(&mut change.env),
            Self::Control(Control::Kill { env, .. } | Control::Lock { env, .. } | Control::Unlock { env, .. })
            | Self::Ask(
                Question::Status { env, .. }
                | Question::Locks { env }
                | Question::Outputs { env }
                | Question::History { env, .. }
                | Question::Logs { env, .. },
            ) => Some(env),
            Self::Decide(_)
            | Self::Schedule(_)
            | Self::Ask(Question::Story { .. } | Question::Leftovers | Question::About { .. } | Question::Whoami) => {
                None
            }
            Self::Control(Control::Cancel { .. } | Control::Retry { .. } | Control::Reload) => None,
            Self::Control(Control::Undo { .. } | Control::Resume { .. }) => None,
            Self::Ask(Question::Schedules | Question::Help { .. } | Question::HelpAll) => None,
        }
    }

    /// The place for the one service, if the command has one. (A deploy names its services itself.)
    pub fn service_mut(&mut self) -> Option<&mut Option<Qualified<ServiceName>>> {
        match self {
            Self::Change(Change { action, .. }) | Self::Plan(Change { action, .. }) => match action {
                Action::Scale { service, .. } | Action::Rollback { service, .. } | Action::Restart { service } => {
                    Some(service)
                }
                Action::Deploy { .. } | Action::Provision { .. } | Action::Teardown { .. } => None,
                Action::Extend(_) | Action::Keep | Action::Own | Action::Give { .. } | Action::Sweep { .. } => None,
            },
            Self::Ask(
                Question::Status { service, .. } | Question::History { service, .. } | Question::Logs { service, .. },
            ) => Some(service),
            Self::Control(Control::Lock { service, .. } | Control::Unlock { service, .. }) => Some(service),
            Self::Decide(_) | Self::Control(_) | Self::Schedule(_) => None,
            Self::Ask(
                Question::Outputs { .. }
                | Question::Locks { .. }
                | Question::Story { .. }
                | Question::About { .. }
                | Question::Leftovers,
            ) => None,
            Self::Ask(Question::Schedules | Question::Whoami | Question::Help { .. } | Question::HelpAll) => None,
        }
    }

    /// The place for the operation, if the command has one.
    pub fn op_mut(&mut self) -> Option<&mut Option<OpId>> {
        match self {
            Self::Decide(decision) => Some(&mut decision.op),
            Self::Control(Control::Cancel { op, .. } | Control::Undo { op, .. } | Control::Resume { op, .. }) => {
                Some(op)
            }
            Self::Control(Control::Retry { op }) | Self::Ask(Question::About { op }) => Some(op),
            Self::Control(Control::Reload | Control::Kill { .. } | Control::Lock { .. } | Control::Unlock { .. }) => {
                None
            }
            Self::Change(_) | Self::Plan(_) | Self::Schedule(_) | Self::Ask(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verb;
    use crate::verbs::testing::said;

    #[test]
    fn what_the_thread_fills_is_as_if_it_was_said() {
        let dev = || Qualified::bare(EnvName::new("dev").expect("a name"));
        let web = || Qualified::bare(ServiceName::new("web").expect("a name"));
        let cases = [
            ("scale 5", "scale web 5 in dev"),
            ("plan restart", "plan restart web in dev"),
            ("teardown", "teardown dev"),
            ("logs", "logs web in dev"),
            ("kill web-1", "kill web-1 in dev"),
            ("approve", "approve op-17"),
            ("cancel", "cancel op-17"),
            ("about", "about op-17"),
            ("undo", "undo op-17"),
            ("resume", "resume op-17"),
            ("whoami", "whoami"),
        ];
        for (short, full) in cases {
            let mut command = said(short).expect("a command");
            command.env_mut().map(|env| env.get_or_insert_with(dev));
            command.service_mut().map(|service| service.get_or_insert_with(web));
            command.op_mut().map(|op| op.get_or_insert(OpId(17)));
            assert_eq!(Ok(command), said(full), "{short}");
        }
    }

    #[test]
    fn a_verb_that_takes_a_place_has_one_to_fill() {
        for spec in
            Verb::ALL.iter().map(|verb| verb.spec()).filter(|spec| spec.clauses.contains(&crate::clause::Clause::Place))
        {
            let mut command = said(spec.examples[0]).expect("an example");
            assert!(command.env_mut().is_some(), "{}", spec.name);
        }
    }
}
