-- The audit log. It is only ever added to: each line's digest is over its body and the digest of the line before.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    op     INTEGER,
    body   TEXT    NOT NULL,
    digest TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_of_operation ON audit (op, seq) WHERE op IS NOT NULL;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
