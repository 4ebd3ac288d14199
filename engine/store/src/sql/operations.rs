//! Operations, their journals and their leases.

macro_rules! select_operations {
    ($($rest:tt)+) => {
        concat!(
            "SELECT id, project, env, services, channel, thread, state, seq, reported, at FROM operations WHERE ",
            $($rest)+
        )
    };
}

/// Conditions that every list has. A parameter's type is said where it may be missing: PostgreSQL can't guess it.
/// Services are stored as `,a,b,`; no name has a character that LIKE knows.
macro_rules! list_operations {
    ($($first:tt)+) => {
        select_operations!(
            $($first)+,
            " AND (CAST($3 AS TEXT) IS NULL OR services LIKE '%,' || $3 || ',%')
              AND (open = TRUE OR NOT $4) ORDER BY id DESC LIMIT $5"
        )
    };
}

pub(crate) const FIND: &str = "SELECT id FROM operations WHERE delivery = $1";

pub(crate) const INSERT: &str = "
    INSERT INTO operations (delivery, project, env, services, channel, thread, state, open, seq, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
    RETURNING id";

pub(crate) const GET: &str = select_operations!("id = $1");
pub(crate) const UNREPORTED: &str = select_operations!("reported < seq ORDER BY id");

// Three lists with the same binds, each with the index that its first condition has.
pub(crate) const OF_ENVIRONMENT: &str = list_operations!("project = $1 AND env = $2");
pub(crate) const OPEN: &str = list_operations!("open = TRUE AND CAST($1 AS TEXT) IS NULL AND CAST($2 AS TEXT) IS NULL");
pub(crate) const ALL: &str = list_operations!("CAST($1 AS TEXT) IS NULL AND CAST($2 AS TEXT) IS NULL");

pub(crate) const ASKED_IN_THREAD: &str = "SELECT MAX(id) FROM operations WHERE channel = $1 AND thread = $2";

pub(crate) const HEAD: &str = "
    SELECT project, env, state, seq, epoch, holder, until FROM operations WHERE id = $1";

pub(crate) const ADVANCE: &str = "UPDATE operations SET seq = $2, state = $3, open = $4 WHERE id = $1";

pub(crate) const REPORTED: &str = "UPDATE operations SET reported = $2 WHERE id = $1 AND reported <= $2";

pub(crate) const LEASE: &str = "UPDATE operations SET epoch = $2, holder = $3, until = $4 WHERE id = $1";
pub(crate) const RENEW: &str = "UPDATE operations SET until = $2 WHERE id = $1";
pub(crate) const RELEASE: &str = "UPDATE operations SET holder = NULL, until = NULL WHERE id = $1";

pub(crate) const ADD_ENTRY: &str = "INSERT INTO entries (op, seq, at, v, body) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const ENTRIES: &str = "SELECT seq, at, v, body FROM entries WHERE op = $1 AND seq > $2 ORDER BY seq";

pub(crate) const ADD_EFFECT: &str = "
    INSERT INTO effects (delivery, op) VALUES ($1, $2) ON CONFLICT (delivery) DO NOTHING";

pub(crate) const EFFECT: &str = "SELECT op FROM effects WHERE delivery = $1";
