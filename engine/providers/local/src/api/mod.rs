//! What the provider and the runtime daemon say to each other: wire types, and the client that starts the daemon on
//! demand.
//!
//! No behaviour of the daemon in here, and no engine types: whoever calls converts at their border.

mod client;
mod error;
mod filter;
mod launch;
mod spec;
mod status;

pub use client::Client;
pub(crate) use client::PROTOCOL;
pub use error::{ApiError, ClientError, ErrorCode};
pub use filter::{Filter, Span};
pub use launch::Launch;
pub use spec::{
    BalancerSpec, Health, HealthKind, Kind, Mark, Mount, NodeSpec, Order, Port, Put, RecordSpec, RouteSpec,
    ServiceSpec, Spec, TaskSpec, VolumeSpec, ZoneSpec,
};
pub use status::{
    Abort, DaemonStatus, Kill, LogLine, Removal, Reverted, Serving, State, Status, Stop, TaskExit, TaskHealth,
    TaskState, TaskView,
};
