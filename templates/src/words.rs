//! Words for the engine's own values: changes, states, notes, failures, what serves.

use crate::sentences as s;
use crate::templates::{Said, Sentence, Templates};
use crate::values::{Moment, duration};
use gantry_engine::approval::Ask;
use gantry_engine::change::{Change, Extension};
use gantry_engine::environment::ReleaseNo;
use gantry_engine::journal::{Failure, FailureKind, Serving, State, WhatChanged};
use gantry_engine::names::{ServiceName, Version};
use gantry_engine::policy::{Danger, Policy};
use gantry_engine::provider::Note;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Templates, and the time zone that is shown where a reader's own can't be.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    templates: &'a Templates,
    zone: TimeZone,
}

impl<'a> Words<'a> {
    /// Words from templates.
    #[must_use]
    pub fn new(templates: &'a Templates, zone: TimeZone) -> Self {
        Self { templates, zone }
    }

    /// A sentence.
    #[must_use]
    pub fn say(&self, sentence: &impl Sentence) -> Said {
        self.templates.say(sentence)
    }

    /// A moment.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> Moment {
        Moment::new(at, &self.zone)
    }

    /// What a change does, with the environment as it is called there: `deploy web to dev`.
    #[must_use]
    pub fn change(&self, change: &Change, env: &str) -> Said {
        let env = env.to_owned();
        match change {
            Change::Deploy { services, lifetime } => {
                let services = services.iter().map(wanted).collect();
                self.say(&s::Deploy { services, env, lifetime: lifetime.map(duration) })
            }
            Change::Scale { service, replicas } => {
                self.say(&s::Scale { service: service.to_string(), replicas: *replicas, env })
            }
            Change::Rollback { service, to } => {
                let release = to.as_ref().map(ReleaseNo::to_string);
                self.say(&s::Rollback { service: service.to_string(), release, env })
            }
            Change::Restart { service } => self.say(&s::Restart { service: service.to_string(), env }),
            Change::Provision { lifetime } => self.say(&s::Provision { env, lifetime: lifetime.map(duration) }),
            Change::Teardown { volumes } => self.say(&s::Teardown { env, volumes: *volumes }),
            Change::Extend(Extension::By(by)) => self.say(&s::Extend { env, by: duration(*by) }),
            Change::Extend(Extension::Until(until)) => self.say(&s::Until { env, until: self.time(*until) }),
            Change::Sweep { volumes } => self.say(&s::Sweep { env, volumes: *volumes }),
            Change::Keep => self.say(&s::Keep { env }),
            Change::Undo { op } => self.say(&s::Undo { env, op: op.to_string() }),
            Change::Own { to, .. } => self.say(&s::Own { env, to: to.to_string() }),
        }
    }

    /// Where an operation stands: `is running`.
    #[must_use]
    pub fn state(&self, state: State) -> Said {
        self.say(&s::Stands { state })
    }

    /// What a step waits for.
    #[must_use]
    pub fn note(&self, note: &Note) -> Said {
        let seconds = |seconds: u32| duration(SignedDuration::from_secs(i64::from(seconds)));
        match note {
            Note::Tasks { healthy, wanted, blocked } => {
                self.say(&s::NoteTasks { healthy: *healthy, wanted: *wanted, blocked: blocked.clone() })
            }
            Note::Usually { what, seconds: (from, to) } => {
                self.say(&s::NoteUsually { what: what.clone(), from: seconds(*from), to: seconds(*to) })
            }
            Note::Draining { left } => self.say(&s::NoteDraining { left: *left }),
            Note::Other(text) => self.say(&s::NoteOther { text: text.clone() }),
        }
    }

    /// Why something didn't work.
    #[must_use]
    pub fn failure(&self, failure: &Failure) -> Said {
        let message = failure.message.clone();
        match failure.kind {
            FailureKind::Invalid => self.say(&s::FailedInvalid { message }),
            FailureKind::Denied => self.say(&s::FailedDenied { message }),
            FailureKind::Conflict => self.say(&s::FailedConflict { message }),
            FailureKind::NotYet => self.say(&s::FailedNotYet { message }),
            FailureKind::Throttled => self.say(&s::FailedThrottled { message }),
            FailureKind::Transient => self.say(&s::FailedTransient { message }),
            FailureKind::Deadline => self.say(&s::FailedDeadline { message }),
        }
    }

    /// What serves after a revert.
    #[must_use]
    pub fn serving(&self, serving: &Serving) -> Said {
        match serving {
            Serving::Release { number, version } => {
                let number = number.as_ref().map(ReleaseNo::to_string);
                self.say(&s::ServingRelease { version: version.to_string(), number })
            }
            Serving::Nothing => self.say(&s::ServingNothing {}),
        }
    }

    /// Whose word is needed, and why.
    #[must_use]
    pub fn need(&self, ask: &Ask) -> Said {
        let because = self.dangers(ask);
        match &ask.policy {
            Policy::Votes { count, from, .. } => {
                let groups = from.iter().map(|group| format!("@{group}")).collect();
                self.say(&s::NeedVotes { wanted: *count, groups, because })
            }
            Policy::None | Policy::Confirm => self.say(&s::NeedConfirm { because }),
        }
    }

    /// Why a rule asks for somebody's word.
    #[must_use]
    pub fn dangers(&self, ask: &Ask) -> Vec<Said> {
        let danger = |danger: &Danger| match danger {
            Danger::LosesData => self.say(&s::LosesDataDanger {}),
            Danger::Deletes => self.say(&s::DeletesDanger {}),
            Danger::Replaces => self.say(&s::ReplacesDanger {}),
            Danger::BeyondMaximum => self.say(&s::BeyondMaxDanger {}),
            Danger::Frozen => self.say(&s::FrozenDanger {}),
            Danger::CostsPerHour(above) => self.say(&s::HourlyDanger { above: above.to_string() }),
            Danger::CostsInAll(above) => self.say(&s::InAllDanger { above: above.to_string() }),
        };
        ask.because.iter().map(danger).collect()
    }

    /// What moved on under a plan. `release` tells a service's release now.
    #[must_use]
    pub fn changed(&self, what: &WhatChanged, release: impl Fn(&ServiceName) -> Option<ReleaseNo>) -> Said {
        match what {
            WhatChanged::Resource(addr) => self.say(&s::ChangedResource { addr: addr.to_string() }),
            WhatChanged::Service(service) => {
                let release = release(service).map(|number| number.to_string());
                self.say(&s::ChangedService { service: service.to_string(), release })
            }
            WhatChanged::Revision => self.say(&s::ChangedRevision {}),
            WhatChanged::Rule => self.say(&s::ChangedRule {}),
            WhatChanged::Steps => self.say(&s::ChangedSteps {}),
        }
    }
}

fn wanted((service, version): &(ServiceName, Option<Version>)) -> String {
    version.as_ref().map_or_else(|| service.to_string(), |version| format!("{service}:{version}"))
}
