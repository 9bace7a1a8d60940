-- Times are microseconds since 1970 UTC. Documents are JSON text. The statements
-- are those that SQLite and PostgreSQL share.

-- +goose Up
CREATE TABLE results (
    key            TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    job            TEXT NOT NULL,
    engine         TEXT NOT NULL,
    doc            TEXT NOT NULL,
    blobs          TEXT NOT NULL,
    units          DOUBLE PRECISION NOT NULL,
    unit           TEXT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    millis         BIGINT NOT NULL,
    owner          TEXT NOT NULL,
    created_at     BIGINT NOT NULL
);
CREATE INDEX results_job ON results (job, kind);

-- A released lease stays with expires_at 0, so that its token goes on rising.
CREATE TABLE leases (
    key        TEXT PRIMARY KEY,
    owner      TEXT NOT NULL,
    token      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE decisions (
    id            TEXT PRIMARY KEY,
    job           TEXT NOT NULL,
    workflow_id   TEXT NOT NULL,
    language      TEXT NOT NULL,
    gate          TEXT NOT NULL,
    revision      TEXT NOT NULL,
    rules_version TEXT NOT NULL,
    verdict       TEXT NOT NULL,
    decided_by    TEXT NOT NULL,
    identity      TEXT NOT NULL,
    comment       TEXT NOT NULL,
    edit_set      TEXT NOT NULL,
    decided_at    BIGINT NOT NULL
);
CREATE INDEX decisions_workflow ON decisions (workflow_id, decided_at);

CREATE TABLE jobs (
    id         TEXT PRIMARY KEY,
    title      TEXT NOT NULL,
    doc        TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE deliveries (
    job          TEXT NOT NULL REFERENCES jobs (id),
    language     TEXT NOT NULL,
    manifest     TEXT NOT NULL,
    delivered_at BIGINT NOT NULL,
    PRIMARY KEY (job, language, manifest)
);

-- +goose Down
DROP TABLE deliveries;
DROP TABLE jobs;
DROP TABLE decisions;
DROP TABLE leases;
DROP TABLE results;
