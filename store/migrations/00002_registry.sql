-- +goose Up

-- Who has contracts. key is the name as names are compared.
CREATE TABLE customers (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key  TEXT NOT NULL UNIQUE
) STRICT;

-- The addresses and own domains whose mail is from a customer, in lower case.
CREATE TABLE customer_addresses (
    address     TEXT NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    PRIMARY KEY (address, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_addresses_customer ON customer_addresses (customer_id);
CREATE TABLE customer_domains (
    domain      TEXT NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    PRIMARY KEY (domain, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_domains_customer ON customer_domains (customer_id);

-- Days are calendar days in the zone of the contract, as YYYY-MM-DD, '' when unknown; last_day belongs to the term. key is
-- the number as numbers are compared, near the same with characters that people confuse made one.
CREATE TABLE contracts (
    id          INTEGER PRIMARY KEY,
    number      TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    near        TEXT NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    first_day   TEXT NOT NULL DEFAULT '',
    last_day    TEXT NOT NULL DEFAULT '',
    zone        TEXT NOT NULL,
    office      TEXT NOT NULL DEFAULT '',
    city        TEXT NOT NULL DEFAULT '',
    province    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contracts_near ON contracts (near);
CREATE INDEX contracts_customer ON contracts (customer_id);

-- Days that are '' are those of the contract. predecessor is the serial number of the product that this one replaced.
CREATE TABLE products (
    id          INTEGER PRIMARY KEY,
    serial      TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    near        TEXT NOT NULL,
    contract_id INTEGER NOT NULL REFERENCES contracts (id),
    model       TEXT NOT NULL DEFAULT '',
    first_day   TEXT NOT NULL DEFAULT '',
    last_day    TEXT NOT NULL DEFAULT '',
    predecessor TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX products_near ON products (near);
CREATE INDEX products_contract ON products (contract_id);

-- Finished repairs. They go by the numbers, so that they outlive the products; contract_key is for a repair of a product
-- without a number.
CREATE TABLE repairs (
    id           INTEGER PRIMARY KEY,
    case_id      INTEGER REFERENCES cases (id),
    serial       TEXT NOT NULL DEFAULT '',
    key          TEXT NOT NULL DEFAULT '',
    contract_key TEXT NOT NULL DEFAULT '',
    at           INTEGER NOT NULL,
    ok           INTEGER NOT NULL,
    who          TEXT NOT NULL DEFAULT '',
    recorded     INTEGER NOT NULL
) STRICT;
CREATE INDEX repairs_key ON repairs (key) WHERE key <> '';
CREATE INDEX repairs_contract ON repairs (contract_key) WHERE contract_key <> '';
CREATE INDEX repairs_case ON repairs (case_id) WHERE case_id IS NOT NULL;

-- +goose Down
SELECT 1;
