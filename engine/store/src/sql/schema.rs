//! The schema's version.

pub(crate) const TABLE: &str = "gantry_schema";

/// SQLite's own: the catalogue.
pub(crate) const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

pub(crate) const CREATE: &str = "
    CREATE TABLE gantry_schema (version INTEGER NOT NULL);
    INSERT INTO gantry_schema (version) VALUES (0);";

pub(crate) const VERSION: &str = "SELECT version FROM gantry_schema";
pub(crate) const SET: &str = "UPDATE gantry_schema SET version = $1";
