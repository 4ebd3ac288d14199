//! Every sentence that people read: `text/*.hbs`, and a typed struct over each. Change a sentence there, not in code.
//!
//! It says nothing by itself and decides nothing: what is told, and when, is the bot's reporter's. Nothing here can let
//! people's words act in Slack: they enter only through [escaping](clean).
//!
//! ```
//! use gantry_templates::{Templates, sentences::Scale};
//!
//! let templates = Templates::new();
//! let said = templates.say(&Scale { service: "web".into(), replicas: 3, env: "dev".into() });
//! assert_eq!(said.mrkdwn.as_str(), "scale `web` to 3 tasks in `dev`");
//! assert_eq!(said.text.as_str(), "scale web to 3 tasks in dev");
//! ```

pub mod clean;
mod helpers;
mod mrkdwn;
pub mod sentences;
mod templates;
mod values;
mod words;

pub use mrkdwn::{Mrkdwn, clip, length};
pub use templates::{BadTemplate, BadTemplates, Said, Sentence, Templates};
pub use values::{Moment, duration, ordinal};
pub use words::Words;
