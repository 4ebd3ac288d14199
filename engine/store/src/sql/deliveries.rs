//! Deliveries.

/// Any number of rows at once; the values come between the two.
pub(crate) const INSERT: &str = "INSERT INTO deliveries (id, kind, body, at) ";
pub(crate) const INSERTED: &str = " ON CONFLICT (id) DO NOTHING RETURNING id";

pub(crate) const UNHANDLED: &str = "
    SELECT id, kind, body, at FROM deliveries WHERE handled = FALSE ORDER BY number LIMIT $1";

pub(crate) const IS_HANDLED: &str = "SELECT handled FROM deliveries WHERE id = $1";

pub(crate) const HANDLE: &str = "UPDATE deliveries SET handled = TRUE WHERE id = $1";
