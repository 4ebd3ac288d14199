//! The reporter, by what people would read: journals in, transcripts out; any journal within Slack's limits; and
//! messages delivered once, in order, whatever the workspace answers.

mod answers;
mod aws;
mod cards;
mod delivery;
mod journals;
mod limits;
mod room;
mod transcript;
mod watches;
