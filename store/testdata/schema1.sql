-- Rows as the first schema held them. Never changed: newer programs must still read them.
INSERT INTO folders (id, account, folder, uidvalidity, uid, start) VALUES (1, 'support', 'INBOX', 1, 5, 1767225600000);
INSERT INTO cases (id, state, account, class, subject, language, customer, opened, moved)
    VALUES (1, 'open', 'support', 'repair', 'The old pump', 'en', 'old@x.example', 1772434800000, 1772434800000);
INSERT INTO members (address, case_id) VALUES ('old@x.example', 1);
INSERT INTO messages (id, folder, uidvalidity, uid, hash, message_id, case_id, recorded, clock, size, disposition, reason, evidence, kind, sender)
    VALUES (1, 1, 1, 5, x'0102', 'old@x', 1, 1772434800000, 1772434800000, 8, 'answered', 'reply', '["a person"]', 'person', 'old@x.example');
INSERT INTO raw (id, bytes) VALUES (4096, x'6f6c64206d61696c');
INSERT INTO windows (id, case_id, message_id, clock, class, opened, due, next_at)
    VALUES (1, 1, 1, 'reply', 'repair', 1772434800000, 1772442000000, 0);
INSERT INTO visits (id, case_id, state, requested, arrange_due, onsite_due)
    VALUES (1, 1, 'requested', 1772434800000, 1772521200000, 1772521200000);
INSERT INTO outbox (id, case_id, window_id, lane, kind, account, state, counted, queued, next_at, deadline, recipient, domain, message_id, answers)
    VALUES (1, 1, 1, 'customer', 'reply', 'support', 'queued', 1, 1772434800000, 1772434800000, 1772442000000, 'old@x.example', 'x.example', 'ac.1.1@aftercare.example', 1);
INSERT INTO outbox_raw (id, bytes) VALUES (1, CAST('old reply' AS BLOB));
INSERT INTO steps (subject, name, recipient, due, at, said, case_id) VALUES ('visit:1', 'visit-requested', 'eve@desk.example', 1772521200000, 1772434800000, 1772434800000, 1);
