//! The arguments, and the help that follows from them.

use super::audit::Known;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use gantry_engine::ports::Keeping;
use jiff::SignedDuration;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the chat page is unless told otherwise.
pub(super) const PORT: u16 = 7420;

/// A Slack bot that runs container environments from chat.
#[derive(Debug, Parser)]
#[command(
    name = "gantry",
    version,
    after_help = "Try it: gantry try, then in another terminal: gantry say \"deploy web to dev\""
)]
pub(super) struct Cli {
    /// Where state lives [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "GANTRY_DIR")]
    pub(super) dir: Option<PathBuf>,

    /// Say more on the error output
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start everything on this machine: a chat workspace, the bot and an example project
    Try(Try),
    /// Run the bot against a real Slack workspace
    Serve(Serve),
    /// Say something in the running workspace and follow what comes of it
    Say(Say),
    /// Click a button in the running workspace and follow what comes of it
    Click(Click),
    /// Show what a change would do, without doing it
    Plan(Words),
    /// Show what runs
    Status(StatusOf),
    /// The local runtime: the daemon that keeps tasks running
    Runtime(Runtime),
    /// Check a project file
    Validate(Validate),
    /// Print the JSON Schema of project files, for editors
    Schema,
    /// The log of who did what: check that nobody changed it, or hand it out
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
    },
    /// The words that people read, and your own in their place
    Templates {
        #[command(subcommand)]
        what: TemplatesCommand,
    },
    /// The app at Slack that the bot speaks through
    Slack {
        #[command(subcommand)]
        what: SlackCommand,
    },
    /// Check that everything is in order, and say how to mend what isn't
    Doctor(Doctor),
    /// Print a completion script for a shell
    Completions {
        /// For which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(super) struct Try {
    /// The chat page's port; 0 takes a free one
    #[arg(long, default_value_t = PORT)]
    pub(super) port: u16,

    /// A project file instead of the example; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(super) project: Vec<PathBuf>,

    /// A folder with templates of your own, in place of those that come with the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// A project file; may be given several times
    #[arg(long, value_name = "FILE", required = true)]
    pub(super) project: Vec<PathBuf>,

    /// A file with the bot token (xoxb-..) [default: the variable GANTRY_BOT_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub(super) bot_token_file: Option<PathBuf>,

    /// A file with the app-level token (xapp-..) [default: the variable GANTRY_APP_TOKEN]
    #[arg(long, value_name = "FILE", conflicts_with = "http")]
    pub(super) app_token_file: Option<PathBuf>,

    /// Take signed HTTP requests at this address instead of opening sockets; then there is no app token
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) http: Option<SocketAddr>,

    /// A file with the app's signing secret, for --http [default: the variable GANTRY_SIGNING_SECRET]
    #[arg(long, value_name = "FILE", requires = "http")]
    pub(super) signing_secret_file: Option<PathBuf>,

    /// Show metrics for Prometheus at this address, under /metrics; a port alone is one of this machine's own
    #[arg(long, value_name = "[ADDRESS:]PORT", value_parser = listening)]
    pub(super) metrics: Option<SocketAddr>,

    /// The channel for what belongs to no other
    #[arg(long, default_value = "general")]
    pub(super) channel: String,

    /// The Web API's address
    #[arg(long, default_value = "https://slack.com/api", value_name = "URL")]
    pub(super) api_url: String,

    /// A folder with templates of your own, in place of those that come with the program
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,

    #[command(flatten)]
    pub(super) kept: Kept,
}

/// Where to listen: nobody else's machine is let in who isn't asked for.
fn listening(text: &str) -> Result<SocketAddr, String> {
    let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    text.parse()
        .map(local)
        .or_else(|_| text.parse())
        .map_err(|_| "say a port, or an address with one: 9464, 0.0.0.0:9464".to_owned())
}

/// How long things are kept that nothing living needs.
#[derive(Debug, Clone, Args)]
pub(super) struct Kept {
    /// For how many days what Slack delivered is kept; it may deliver the same again for one
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u16).range(2..))]
    keep_deliveries: u16,

    /// For how many days the words of messages are kept that were sent
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..))]
    keep_messages: u16,

    /// For how many days the audit log is kept [default: for ever]; export it before
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(30..))]
    keep_audit: Option<u16>,
}

impl From<Kept> for Keeping {
    fn from(Kept { keep_deliveries, keep_messages, keep_audit }: Kept) -> Self {
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        Self { deliveries: days(keep_deliveries), messages: days(keep_messages), audit: keep_audit.map(days) }
    }
}

#[derive(Debug, Clone, Args)]
pub(super) struct Say {
    /// What to say, as behind /gantry
    pub(super) text: String,

    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// Who says it
    #[arg(long = "as", default_value = "developer", value_name = "USER")]
    pub(super) who: String,

    /// In which channel
    #[arg(long, default_value = "dev")]
    pub(super) channel: String,

    /// In which thread (a message's time stamp, or `last`)
    #[arg(long, value_name = "TS")]
    pub(super) thread: Option<String>,

    /// Print the outcome and the transcript as JSON
    #[arg(long)]
    pub(super) json: bool,

    /// How many seconds to follow at most
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(super) timeout: u64,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Click {
    /// What the button reads
    pub(super) label: String,

    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Words {
    /// The change (`deploy web to dev`)
    #[arg(required = true)]
    words: Vec<String>,

    #[command(flatten)]
    place: Place,
}

impl Words {
    /// The same words behind a verb.
    pub(super) fn prefixed(self, verb: &str) -> Say {
        Say { text: format!("{verb} {}", self.words.join(" ")), place: self.place }
    }
}

#[derive(Debug, Clone, Args)]
pub(super) struct StatusOf {
    /// An environment or a service
    name: Option<String>,

    #[command(flatten)]
    place: Place,
}

impl StatusOf {
    pub(super) fn into_say(self) -> Say {
        let text = self.name.map_or_else(|| "status".to_owned(), |name| format!("status {name}"));
        Say { text, place: self.place }
    }
}

#[derive(Debug, Args)]
pub(super) struct Runtime {
    #[command(subcommand)]
    pub(super) what: Option<RuntimeCommand>,

    /// Leave the terminal and run on by itself
    #[arg(long)]
    pub(super) detached: bool,

    /// The port of the edge proxy [default: that of last time, or a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "PORT")]
    pub(super) edge_port: u16,

    /// The port of the DNS server [default: that of last time, or a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "PORT")]
    pub(super) dns_port: u16,
}

#[derive(Debug, Subcommand)]
pub(super) enum RuntimeCommand {
    /// Show whether it runs, and what it keeps running
    Status,
    /// Stop it; tasks go on running unless told otherwise
    Stop {
        /// Stop the tasks too
        #[arg(long)]
        tasks: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum SlackCommand {
    /// Print the manifest to make the app from, with all its scopes, events and commands
    Manifest {
        /// Have Slack send signed requests to this address (https://..), instead of the bot opening sockets
        #[arg(long, value_name = "URL")]
        http: Option<String>,

        /// Print the address of the page at Slack that makes the app with one click
        #[arg(long)]
        link: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Follow the log from its first line to its last: each carries a digest over the one before
    Verify {
        /// A line that was written down elsewhere, and has to be in it: as this command prints it
        #[arg(long = "known", value_name = "NUMBER:DIGEST")]
        known: Option<Known>,
    },
    /// Print the log, a line each
    Export {
        /// Only what comes after this number
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        after: u64,

        /// How
        #[arg(long = "as", default_value = "json", value_name = "FORM")]
        form: AuditForm,
    },
}

/// How the audit log is printed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum AuditForm {
    /// As it is stored, with number and digest
    Json,
    /// As sentences
    Text,
}

#[derive(Debug, Subcommand)]
pub(super) enum TemplatesCommand {
    /// Write the templates that come with the program, to change what you want and delete the rest
    Export {
        /// Where to
        dir: PathBuf,
    },
    /// Check a folder of your own: each sentence is said once with sample values
    Check {
        /// The folder
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Validate {
    /// The project file
    pub(super) file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// A project file to check; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(super) project: Vec<PathBuf>,

    /// Check a real Slack too: the bot token and every scope, and the app token; without that, the signing secret has to be
    /// there, for requests over HTTP
    #[arg(long)]
    pub(super) slack: bool,

    /// A file with the bot token (xoxb-..) [default: the variable GANTRY_BOT_TOKEN]
    #[arg(long, value_name = "FILE", requires = "slack")]
    pub(super) bot_token_file: Option<PathBuf>,

    /// A file with the app-level token (xapp-..) [default: the variable GANTRY_APP_TOKEN]
    #[arg(long, value_name = "FILE", requires = "slack")]
    pub(super) app_token_file: Option<PathBuf>,

    /// A file with the app's signing secret [default: the variable GANTRY_SIGNING_SECRET]
    #[arg(long, value_name = "FILE", requires = "slack")]
    pub(super) signing_secret_file: Option<PathBuf>,

    /// The Web API's address, for --slack
    #[arg(long, default_value = "https://slack.com/api", value_name = "URL")]
    pub(super) api_url: String,
}
