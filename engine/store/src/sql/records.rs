//! What stands: environments, resources, releases, revisions. Names sort by their bytes (SQLite's own way; a database
//! with a locale has to be told).

pub(crate) const ENVIRONMENT: &str = "SELECT v, body FROM environments WHERE project = $1 AND env = $2";
pub(crate) const ENVIRONMENTS: &str = "SELECT project, env, v, body FROM environments ORDER BY project, env";

pub(crate) const BEAR: &str = "
    INSERT INTO environments (project, env, incarnation, version, v, body) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (project, env) DO NOTHING";

pub(crate) const CHANGE: &str = "
    UPDATE environments SET incarnation = $3, version = $4, v = $5, body = $6
    WHERE project = $1 AND env = $2 AND incarnation = $7 AND version = $8";

pub(crate) const ROWS: &str = "SELECT addr, generation, v, body FROM resources WHERE project = $1 AND env = $2";

pub(crate) const PUT_ROW: &str = "
    INSERT INTO resources (project, env, addr, generation, v, body) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (project, env, addr, generation) DO UPDATE SET v = excluded.v, body = excluded.body";

pub(crate) const REMOVE_ROW: &str = "
    DELETE FROM resources WHERE project = $1 AND env = $2 AND addr = $3 AND generation = $4";

pub(crate) const RELEASES: &str = "
    SELECT service, number, v, body FROM releases WHERE project = $1 AND env = $2 ORDER BY service, number";

pub(crate) const PUT_RELEASE: &str = "
    INSERT INTO releases (project, env, service, number, v, body) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (project, env, service, number) DO UPDATE SET v = excluded.v, body = excluded.body";

pub(crate) const KEEP_REVISION: &str = "
    INSERT INTO revisions (project, digest, text, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (project, digest) DO NOTHING";

pub(crate) const REVISION: &str = "SELECT text, at FROM revisions WHERE project = $1 AND digest = $2";
