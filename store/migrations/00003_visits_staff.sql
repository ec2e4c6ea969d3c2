-- +goose Up

-- News of a visit is for the customer.
ALTER TABLE notices ADD COLUMN visit_id INTEGER;
CREATE INDEX notices_visit ON notices (visit_id) WHERE visit_id IS NOT NULL AND said IS NULL;

-- Who is away from when to when, and who stands in. deputy is '' for the next of the chain.
CREATE TABLE absences (
    id     INTEGER PRIMARY KEY,
    who    TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends   INTEGER NOT NULL,
    deputy TEXT NOT NULL DEFAULT '',
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL DEFAULT ''
) STRICT;

-- +goose Down
SELECT 1;
