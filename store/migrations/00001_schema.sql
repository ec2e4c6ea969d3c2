-- +goose Up

-- The one row of what concerns the whole store. generation grows with every write, settings only with what a running
-- daemon must read again.
CREATE TABLE state (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL DEFAULT 0,
    settings   INTEGER NOT NULL DEFAULT 0,
    paused_at  INTEGER,
    paused_by  TEXT NOT NULL DEFAULT '',
    plan       TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO state (id) VALUES (1);

-- A watched folder with its cursor: everything up to uid is on record. Of the messages up to rescan, which lay there when
-- the folder was first seen or renumbered, those that arrived before start are not ours to answer.
CREATE TABLE folders (
    id          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL DEFAULT 0,
    start       INTEGER NOT NULL DEFAULT 0,
    rescan      INTEGER NOT NULL DEFAULT 0,
    skipped     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, folder)
) STRICT;

-- One row for every message seen, with its one disposition.
CREATE TABLE messages (
    id           INTEGER PRIMARY KEY,
    folder       INTEGER NOT NULL REFERENCES folders (id),
    uidvalidity  INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    hash         BLOB,
    message_id   TEXT,
    case_id      INTEGER REFERENCES cases (id),
    duplicate_of INTEGER REFERENCES messages (id),
    recorded     INTEGER NOT NULL,
    clock        INTEGER NOT NULL DEFAULT 0,
    size         INTEGER NOT NULL DEFAULT 0,
    disposition  TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    evidence     TEXT NOT NULL DEFAULT '',
    kind         TEXT NOT NULL DEFAULT '',
    sender       TEXT NOT NULL DEFAULT '',
    customer     TEXT NOT NULL DEFAULT '',
    reply_to     TEXT DEFAULT '', -- where an answer goes: '' for customer, NULL for nowhere
    subject      TEXT NOT NULL DEFAULT '',
    language     TEXT NOT NULL DEFAULT '',
    class        TEXT NOT NULL DEFAULT '',
    confidence   REAL NOT NULL DEFAULT 0,
    certain      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (folder, uidvalidity, uid)
) STRICT;
CREATE INDEX messages_hash ON messages (hash) WHERE hash IS NOT NULL;
CREATE INDEX messages_mid ON messages (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX messages_case ON messages (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX messages_quarantine ON messages (id) WHERE disposition = 'quarantined';

-- The bytes of a message in pieces of at most 256 KiB; id is message * 4096 + the number of the piece.
CREATE TABLE raw (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE cases (
    id              INTEGER PRIMARY KEY,
    state           TEXT NOT NULL,
    channel         TEXT NOT NULL DEFAULT 'email',
    account         TEXT NOT NULL DEFAULT '',
    class           TEXT NOT NULL DEFAULT '',
    also            TEXT NOT NULL DEFAULT '',
    subject         TEXT NOT NULL DEFAULT '',
    language        TEXT NOT NULL DEFAULT '',
    customer        TEXT NOT NULL DEFAULT '',
    customer_name   TEXT NOT NULL DEFAULT '',
    opened          INTEGER NOT NULL,
    closed          INTEGER,
    moved           INTEGER NOT NULL,
    person_answered INTEGER,
    taken_by        TEXT NOT NULL DEFAULT '',
    taken_at        INTEGER,
    office          TEXT NOT NULL DEFAULT '',
    entitlement     TEXT NOT NULL DEFAULT '',
    rung            TEXT NOT NULL DEFAULT '',
    record          TEXT NOT NULL DEFAULT '',
    serial          TEXT NOT NULL DEFAULT '',
    contract        TEXT NOT NULL DEFAULT '',
    phone           TEXT NOT NULL DEFAULT '',
    city            TEXT NOT NULL DEFAULT '',
    province        TEXT NOT NULL DEFAULT '',
    because         TEXT NOT NULL DEFAULT '',
    reason          TEXT NOT NULL DEFAULT '',
    auth_failed     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cases_open ON cases (id) WHERE state = 'open';

-- Every address that belongs to a case.
CREATE TABLE members (
    address TEXT NOT NULL,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (address, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_case ON members (case_id);

CREATE TABLE links (
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    other_id INTEGER NOT NULL REFERENCES cases (id),
    at       INTEGER NOT NULL,
    PRIMARY KEY (case_id, other_id)
) STRICT, WITHOUT ROWID;

-- The promises. next_at is when the next step is due; a window of a quarantined message has no case.
CREATE TABLE windows (
    id         INTEGER PRIMARY KEY,
    case_id    INTEGER REFERENCES cases (id),
    message_id INTEGER REFERENCES messages (id),
    clock      TEXT NOT NULL,
    channel    TEXT NOT NULL DEFAULT 'email',
    further    INTEGER NOT NULL DEFAULT 0,
    unsure     INTEGER NOT NULL DEFAULT 0,
    held       INTEGER NOT NULL DEFAULT 0,
    class      TEXT NOT NULL DEFAULT '',
    office     TEXT NOT NULL DEFAULT '',
    opened     INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    met        INTEGER,
    dropped    INTEGER,
    taken      INTEGER,
    next_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX windows_next ON windows (next_at, clock, opened) WHERE met IS NULL AND dropped IS NULL;
CREATE INDEX windows_case ON windows (case_id);
CREATE INDEX windows_loose ON windows (message_id) WHERE case_id IS NULL;

CREATE TABLE visits (
    id           INTEGER PRIMARY KEY,
    case_id      INTEGER NOT NULL REFERENCES cases (id),
    state        TEXT NOT NULL,
    office       TEXT NOT NULL DEFAULT '',
    city         TEXT NOT NULL DEFAULT '',
    province     TEXT NOT NULL DEFAULT '',
    zone         TEXT NOT NULL DEFAULT 'unknown',
    requested    INTEGER NOT NULL,
    arrange_due  INTEGER NOT NULL,
    onsite_due   INTEGER NOT NULL,
    arranged     INTEGER,
    at           INTEGER,
    person       TEXT NOT NULL DEFAULT '',
    begun        INTEGER,
    ended        INTEGER,
    taken        INTEGER,
    taken_by     TEXT NOT NULL DEFAULT '',
    wish         INTEGER NOT NULL DEFAULT 0,
    change_asked INTEGER NOT NULL DEFAULT 0,
    next_at      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visits_next ON visits (next_at) WHERE state IN ('requested', 'arranged');
CREATE INDEX visits_case ON visits (case_id);

-- Every mail the program writes. counted marks the automatic replies that the caps count.
CREATE TABLE outbox (
    id               INTEGER PRIMARY KEY,
    case_id          INTEGER REFERENCES cases (id),
    window_id        INTEGER REFERENCES windows (id),
    visit_id         INTEGER REFERENCES visits (id),
    lane             TEXT NOT NULL,
    kind             TEXT NOT NULL,
    account          TEXT NOT NULL,
    state            TEXT NOT NULL,
    counted          INTEGER NOT NULL DEFAULT 0,
    attempt          INTEGER NOT NULL DEFAULT 0,
    resent           INTEGER NOT NULL DEFAULT 0,
    queued           INTEGER NOT NULL,
    next_at          INTEGER NOT NULL,
    deadline         INTEGER NOT NULL,
    claimed          INTEGER,
    sent             INTEGER,
    bounced          INTEGER,
    server           TEXT NOT NULL DEFAULT '',
    code             INTEGER NOT NULL DEFAULT 0,
    detail           TEXT NOT NULL DEFAULT '',
    reason           TEXT NOT NULL DEFAULT '',
    envelope_from    TEXT NOT NULL DEFAULT '',
    recipient        TEXT NOT NULL COLLATE NOCASE,
    domain           TEXT NOT NULL DEFAULT '',
    message_id       TEXT NOT NULL,
    subject          TEXT NOT NULL DEFAULT '',
    template         TEXT NOT NULL DEFAULT '',
    template_version TEXT NOT NULL DEFAULT '',
    answers          INTEGER REFERENCES messages (id)
) STRICT;
CREATE INDEX outbox_due ON outbox (lane, deadline, next_at, account) WHERE state = 'queued';
CREATE INDEX outbox_loose ON outbox (state) WHERE state IN ('claimed', 'unknown', 'draft', 'failed');
CREATE INDEX outbox_case ON outbox (case_id);
CREATE INDEX outbox_mid ON outbox (message_id);
CREATE INDEX outbox_recipient ON outbox (recipient, queued) WHERE counted = 1;
CREATE INDEX outbox_domain ON outbox (domain, queued) WHERE counted = 1;
CREATE INDEX outbox_queued ON outbox (queued) WHERE counted = 1;

-- The composed bytes of a mail, apart from its state, so that a change of state does not write them again.
CREATE TABLE outbox_raw (
    id    INTEGER PRIMARY KEY REFERENCES outbox (id),
    bytes BLOB NOT NULL
) STRICT;

-- What is still to be done on the mail server: a message to file, a sent mail to append to Sent. A row goes when it is done.
CREATE TABLE filing (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id),
    attempt    INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL DEFAULT 0,
    detail     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE sent_copies (
    outbox_id INTEGER PRIMARY KEY REFERENCES outbox (id),
    attempt   INTEGER NOT NULL DEFAULT 0,
    next_at   INTEGER NOT NULL DEFAULT 0,
    detail    TEXT NOT NULL DEFAULT ''
) STRICT;

-- What was said once: the unique key is the promise that nothing is said twice.
CREATE TABLE steps (
    id        INTEGER PRIMARY KEY,
    subject   TEXT NOT NULL,
    name      TEXT NOT NULL,
    recipient TEXT NOT NULL,
    due       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    said      INTEGER NOT NULL,
    case_id   INTEGER,
    outbox_id INTEGER REFERENCES outbox (id),
    UNIQUE (subject, name, recipient, due)
) STRICT;
CREATE INDEX steps_case ON steps (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX steps_outbox ON steps (outbox_id) WHERE outbox_id IS NOT NULL;

-- What staff must be told by the next tick.
CREATE TABLE notices (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    case_id    INTEGER,
    outbox_id  INTEGER,
    message_id INTEGER,
    window_id  INTEGER,
    detail     TEXT NOT NULL DEFAULT '',
    said       INTEGER
) STRICT;
CREATE INDEX notices_open ON notices (id) WHERE said IS NULL;

-- What happened to a case that no other table tells.
CREATE TABLE history (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    case_id    INTEGER,
    message_id INTEGER,
    outbox_id  INTEGER,
    what       TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    who        TEXT NOT NULL DEFAULT '',
    detail     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX history_case ON history (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX history_message ON history (message_id) WHERE message_id IS NOT NULL;

-- What people did by command or console, whatever it was about.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    about  TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT ''
) STRICT;

-- A member of staff took note of a step or a case; a case's own row is cases.taken_by.
CREATE TABLE acknowledgements (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    subject  TEXT NOT NULL,
    case_id  INTEGER,
    visit_id INTEGER
) STRICT;

CREATE TABLE blocked (
    address   TEXT PRIMARY KEY,
    at        INTEGER NOT NULL,
    outbox_id INTEGER,
    detail    TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE examples (
    id       INTEGER PRIMARY KEY,
    class    TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT '',
    text     TEXT NOT NULL,
    who      TEXT NOT NULL DEFAULT '',
    at       INTEGER NOT NULL,
    case_id  INTEGER,
    UNIQUE (class, text)
) STRICT;

-- Accepted template sets and their files; the current one is the newest.
CREATE TABLE template_sets (
    id   INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    at   INTEGER NOT NULL,
    who  TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE template_files (
    set_id INTEGER NOT NULL REFERENCES template_sets (id),
    path   TEXT NOT NULL,
    hash   TEXT NOT NULL,
    PRIMARY KEY (set_id, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE template_blobs (
    hash  TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- +goose Down
SELECT 1;
