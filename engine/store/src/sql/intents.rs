//! What deliveries are about to have done.

/// Nothing where the delivery was here before.
pub(crate) const ADD: &str = "
    INSERT INTO intents (delivery, project, env, v, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (delivery) DO NOTHING";

pub(crate) const ALL: &str = "SELECT v, body FROM intents ORDER BY number DESC LIMIT $1";

pub(crate) const OF: &str = "SELECT v, body FROM intents WHERE project = $2 AND env = $3 ORDER BY number DESC LIMIT $1";
