//! What came in.

use crate::names::DeliveryId;
use jiff::Timestamp;

/// Something that the chat workspace delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The workspace's own id: what makes repeats one.
    pub id: DeliveryId,
    /// What it is, for whoever handles it (`command`, `mention`, `click`).
    pub kind: String,
    /// The content as JSON, in our own form.
    pub body: String,
    /// When it came.
    pub at: Timestamp,
}

/// Whether a delivery is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is.
    New,
    /// It was stored before.
    Duplicate,
}
