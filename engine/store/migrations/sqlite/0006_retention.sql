-- When a message was first seen to be sent, in seconds since 1970; later its words are forgotten.
ALTER TABLE posts ADD COLUMN done INTEGER;

-- What is left of the oldest lines of the audit log: the newest of those that were pruned, and when that was.
CREATE TABLE audit_anchor (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    seq    INTEGER NOT NULL,
    digest TEXT    NOT NULL,
    at     TEXT    NOT NULL
) STRICT;

DROP TRIGGER audit_is_never_shortened;
CREATE TRIGGER audit_is_shortened_up_to_its_anchor BEFORE DELETE ON audit
WHEN OLD.seq > COALESCE((SELECT seq FROM audit_anchor), 0)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is only added to');
END;
