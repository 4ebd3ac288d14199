//! Why a change can't be planned. What begins with a name or tells a moment has a sentence of its own, since only here
//! names are set apart and moments are each reader's own.

use crate::Moment;

sentences! {
    /// The project knows no such environment.
    NoEnvironment "refused/no_environment" { project: String = text("shop"), env: String = text("dve"), known: Vec<String> = texts(&["dev", "pr-*"]) }
    /// The project knows no such service.
    NoService "refused/no_service" { project: String = text("shop"), service: String = text("wbe"), known: Vec<String> = texts(&["api", "web"]) }
    /// It isn't deployed there.
    NotRunning "refused/not_running" { service: String = text("web"), env: String = text("dev"), example: String = text("deploy web to dev") }
    /// A volume has one user.
    OneTask "refused/one_task" { service: String = text("db") }
    /// Nothing to go back to.
    NoEarlier "refused/no_earlier" { service: String = text("web"), env: String = text("dev"), example: String = text("history web in dev") }
    /// That one never served.
    NoRelease "refused/no_release" { service: String = text("web"), release: String = text("r9"), known: Vec<String> = texts(&["r1", "r2"]) }
    /// Later than the project allows.
    Beyond "refused/beyond" { env: String = text("dev"), latest: Moment = at() }
    /// An end that has passed.
    Past "refused/past" { at: Moment = at() }
    /// There is no end to move.
    NoEnd "refused/endless" { env: String = text("prod"), example: String = text("extend prod until ..") }
    /// The project wants an end.
    MustEnd "refused/must_end" { env: String = text("dev"), latest: Moment = at(), example: String = text("extend dev until ..") }
}
