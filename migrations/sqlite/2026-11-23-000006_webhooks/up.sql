-- Who is told of public facts, and every attempt to tell them.

-- A subscription. Its secrets sign what is sent, so they are kept as they are. `seen` is the place in the log up to which it was
-- told; `lease` names the server that is telling it something just now.
CREATE TABLE webhook (
    id TEXT NOT NULL CHECK (id <> ''),
    url TEXT NOT NULL CHECK (url <> ''),
    secret TEXT NOT NULL CHECK (secret LIKE 'whsec_%'),
    old_secret TEXT CHECK (old_secret LIKE 'whsec_%'),
    old_until TEXT CHECK (old_until LIKE '____-__-__T__:__:__Z'),
    datasets TEXT NOT NULL,
    types TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    stopped TEXT CHECK (stopped <> ''),
    created_by TEXT NOT NULL CHECK (created_by <> ''),
    created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    seen INTEGER NOT NULL CHECK (seen >= -1),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at TEXT CHECK (next_at LIKE '____-__-__T__:__:__Z'),
    lease TEXT CHECK (lease <> ''),
    lease_until TEXT CHECK (lease_until LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id),
    CHECK ((old_secret IS NULL) = (old_until IS NULL)),
    CHECK ((lease IS NULL) = (lease_until IS NULL))
) STRICT;

-- One attempt: an event of the log, or a test.
CREATE TABLE webhook_delivery (
    id INTEGER NOT NULL CHECK (id >= 0),
    webhook TEXT NOT NULL REFERENCES webhook (id),
    kind TEXT NOT NULL CHECK (kind IN ('event', 'test', 'redelivery')),
    seq INTEGER CHECK (seq >= 0),
    message TEXT NOT NULL CHECK (message <> ''),
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    at TEXT NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    status INTEGER CHECK (status BETWEEN 100 AND 999),
    error TEXT CHECK (error <> ''),
    outcome TEXT NOT NULL CHECK (outcome IN ('delivered', 'retry', 'failed', 'stopped')),
    next_at TEXT CHECK (next_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id),
    CHECK ((kind = 'test') = (seq IS NULL))
) STRICT;

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook, id);
