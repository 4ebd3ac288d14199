//! Talking to the bot as somebody at a terminal does: through `gantry say` and `gantry click`.

use super::Machine;
use serde_json::Value;
use std::process::{Output, Stdio};

/// What came of something said.
#[derive(Debug, Clone)]
pub struct Said {
    /// The exit code: 0 done, 1 failed, 2 waiting for a person, 124 timed out.
    pub exit: i32,
    /// What was printed, as JSON.
    pub json: Value,
    /// What was printed to the error output.
    pub errors: String,
}

impl Said {
    /// Everything that the messages of the thread say, with links as their addresses.
    #[must_use]
    pub fn text(&self) -> String {
        let messages = self.json["messages"].as_array().into_iter().flatten();
        let lines = messages.flat_map(|message| message["lines"].as_array().into_iter().flatten());
        lines.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
    }

    /// The operation's name (`op-3`), if it is about one.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.json["operation"].as_str()
    }

    /// The address of a site in the outputs, by its host's first label.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn site(&self, label: &str) -> String {
        let text = self.text();
        let words = text.split(|c: char| c.is_whitespace() || "<>|()`,".contains(c));
        let found = words.into_iter().find(|word| word.starts_with(&format!("http://{label}.")));
        found.unwrap_or_else(|| panic!("no address of {label} in: {text}")).to_owned()
    }

    fn of(output: &Output) -> Self {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Self { exit: output.status.code().unwrap_or(-1), json, errors }
    }
}

impl Machine {
    /// `gantry say TEXT` as the developer in #dev.
    pub async fn say(&self, text: &str) -> Said {
        self.say_as("developer", "dev", text).await
    }

    /// `gantry say TEXT --as WHO --channel CHANNEL`.
    pub async fn say_as(&self, who: &str, channel: &str, text: &str) -> Said {
        self.run(&["say", text, "--as", who, "--channel", channel, "--json"]).await
    }

    /// `gantry click LABEL --as WHO --channel CHANNEL`.
    pub async fn click(&self, who: &str, channel: &str, label: &str) -> Said {
        self.run(&["click", label, "--as", who, "--channel", channel, "--json"]).await
    }

    /// The binary, to its end.
    ///
    /// # Panics
    /// If it can't be started.
    pub async fn run(&self, args: &[&str]) -> Said {
        let output = self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).output().await;
        Said::of(&output.expect("the binary starts"))
    }
}
