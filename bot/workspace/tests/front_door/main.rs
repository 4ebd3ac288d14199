//! The workspace through its front door: HTTP and websockets in, what Slack would answer out.

mod bed;
mod socket_mode;
