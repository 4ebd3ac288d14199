//! Schedules, and warnings that stand.

pub(crate) const FIND: &str = "SELECT v, body, id, version FROM schedules WHERE delivery = $1";
pub(crate) const GET: &str = "SELECT v, body, id, version FROM schedules WHERE id = $1";
pub(crate) const STANDING: &str = "SELECT v, body, id, version FROM schedules WHERE stands = TRUE ORDER BY id";

pub(crate) const INSERT: &str = "
    INSERT INTO schedules (delivery, version, stands, v, body) VALUES ($1, 1, $2, $3, $4) RETURNING id";

pub(crate) const CHANGE: &str = "
    UPDATE schedules SET version = version + 1, stands = $3, v = $4, body = $5 WHERE id = $1 AND version = $2";

pub(crate) const WARNINGS: &str = "SELECT v, body FROM warnings ORDER BY project, env";

pub(crate) const PUT_WARNING: &str = "
    INSERT INTO warnings (project, env, v, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (project, env) DO UPDATE SET v = excluded.v, body = excluded.body";

pub(crate) const REMOVE_WARNING: &str = "DELETE FROM warnings WHERE project = $1 AND env = $2";
