-- +goose Up

-- Planned maintenance: a rule of recurrence (RFC 5545) with the day that it begins on. maintenance_after is the last day
-- that is dealt with; maintenance_next is when to look again.
ALTER TABLE contracts ADD COLUMN maintenance TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN maintenance_from TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN maintenance_after TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN maintenance_next INTEGER NOT NULL DEFAULT 0;
CREATE INDEX contracts_maintenance ON contracts (maintenance_next) WHERE maintenance <> '';

-- The days of maintenance that became visits. They go by the number of the contract, so that a contract which is deleted
-- and imported again opens none twice; whatever becomes of the visit, its day stays here.
CREATE TABLE occurrences (
    contract_key TEXT NOT NULL,
    day          TEXT NOT NULL,
    case_id      INTEGER NOT NULL,
    visit_id     INTEGER NOT NULL,
    opened       INTEGER NOT NULL,
    PRIMARY KEY (contract_key, day)
) STRICT, WITHOUT ROWID;

-- When a visit of planned maintenance is planned for; NULL for one that somebody asked for.
ALTER TABLE visits ADD COLUMN planned INTEGER;

-- +goose Down
SELECT 1;
