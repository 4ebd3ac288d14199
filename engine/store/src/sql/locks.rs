//! Locks, and what happened to them.

pub(crate) const ALL: &str = "SELECT v, body FROM locks ORDER BY project, env, service";

pub(crate) const ONE: &str = "SELECT v, body FROM locks WHERE project = $1 AND env = $2 AND service = $3";

pub(crate) const PUT: &str = "
    INSERT INTO locks (project, env, service, v, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (project, env, service) DO UPDATE SET v = excluded.v, body = excluded.body";

pub(crate) const DELETE: &str = "DELETE FROM locks WHERE project = $1 AND env = $2 AND service = $3";

/// Nothing where the delivery was here before.
pub(crate) const TELL: &str = "
    INSERT INTO lock_events (delivery, project, env, v, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (delivery) DO NOTHING";

pub(crate) const TOLD: &str = "SELECT number FROM lock_events WHERE delivery = $1";

pub(crate) const EVENTS: &str = "SELECT v, body FROM lock_events ORDER BY number DESC LIMIT $1";

pub(crate) const EVENTS_OF: &str =
    "SELECT v, body FROM lock_events WHERE project = $2 AND env = $3 ORDER BY number DESC LIMIT $1";
