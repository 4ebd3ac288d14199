//! What a panic tells: its place, in one line of the log.
//!
//! Its message is told only where the program's text has it word for word. One that was made at run time may hold any value,
//! a secret among them; the place and, with `RUST_BACKTRACE`, the way there say enough to find what broke. Nothing ends here:
//! whoever drives a part of the bot begins it anew.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};

/// Has panics told in the log from now on, in the place of the standard library's words.
pub fn into_the_log() {
    panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    crate::metrics::panicked();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload().downcast_ref::<&'static str>().copied();
    tracing::error!(place, message, "something panicked");
    let way = Backtrace::capture();
    if way.status() == BacktraceStatus::Captured {
        tracing::error!("the way to it:\n{way}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::SigningSecret;
    use gantry_workspace::Secrets;
    use secrecy::SecretString;
    use std::fs::File;
    use std::sync::Arc;

    /// What the log has after a panic.
    fn told(panics: impl FnOnce() + panic::UnwindSafe) -> String {
        let log = tempfile::NamedTempFile::new().unwrap();
        let writer = Arc::new(File::create(log.path()).unwrap());
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        let before = panic::take_hook();
        into_the_log();
        tracing::subscriber::with_default(subscriber, || panic::catch_unwind(panics).unwrap_err());
        panic::set_hook(before);
        std::fs::read_to_string(log.path()).unwrap()
    }

    #[test]
    fn a_panic_tells_its_place_and_no_value() {
        let text = told(|| panic!("it is out of order"));
        assert!(text.contains("panics.rs:") && text.contains("it is out of order"), "{text}");
        let value = String::from("of-somebody");
        let text = told(move || panic!("it is {value}"));
        assert!(text.contains("panics.rs:") && !text.contains("of-somebody"), "{text}");
    }

    /// Whatever formats them, in a panic or anywhere else.
    #[test]
    fn what_holds_a_secret_shows_none() {
        let secret = || "of-somebody".to_owned();
        let all = Secrets {
            bot_token: secret(),
            app_token: secret(),
            control_token: secret(),
            verification_token: secret(),
            signing_secret: secret(),
        };
        let one = SecretString::from(secret());
        let shown = format!("{one:?} {:?} {all:?}", SigningSecret::new(&one));
        assert!(!shown.contains("of-somebody"), "{shown}");
    }
}
