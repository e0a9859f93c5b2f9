-- Who is told of public facts, and every attempt to tell them.

-- A subscription. Its secrets sign what is sent, so they are kept as they are. `seen` is the place in the log up to which it was
-- told; `lease` names the server that is telling it something just now.
CREATE TABLE webhook (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    url TEXT COLLATE "C" NOT NULL CHECK (url <> ''),
    secret TEXT COLLATE "C" NOT NULL CHECK (secret LIKE 'whsec_%'),
    old_secret TEXT COLLATE "C" CHECK (old_secret LIKE 'whsec_%'),
    old_until TEXT COLLATE "C" CHECK (old_until LIKE '____-__-__T__:__:__Z'),
    datasets TEXT COLLATE "C" NOT NULL,
    types TEXT COLLATE "C" NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    stopped TEXT COLLATE "C" CHECK (stopped <> ''),
    created_by TEXT COLLATE "C" NOT NULL CHECK (created_by <> ''),
    created_at TEXT COLLATE "C" NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__Z'),
    seen BIGINT NOT NULL CHECK (seen >= -1),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at TEXT COLLATE "C" CHECK (next_at LIKE '____-__-__T__:__:__Z'),
    lease TEXT COLLATE "C" CHECK (lease <> ''),
    lease_until TEXT COLLATE "C" CHECK (lease_until LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id),
    CHECK ((old_secret IS NULL) = (old_until IS NULL)),
    CHECK ((lease IS NULL) = (lease_until IS NULL))
);

-- One attempt: an event of the log, or a test.
CREATE TABLE webhook_delivery (
    id BIGINT NOT NULL CHECK (id >= 0),
    webhook TEXT COLLATE "C" NOT NULL REFERENCES webhook (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('event', 'test', 'redelivery')),
    seq BIGINT CHECK (seq >= 0),
    message TEXT COLLATE "C" NOT NULL CHECK (message <> ''),
    attempt INTEGER NOT NULL CHECK (attempt >= 1),
    at TEXT COLLATE "C" NOT NULL CHECK (at LIKE '____-__-__T__:__:__Z'),
    duration_ms BIGINT NOT NULL CHECK (duration_ms >= 0),
    status INTEGER CHECK (status BETWEEN 100 AND 999),
    error TEXT COLLATE "C" CHECK (error <> ''),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('delivered', 'retry', 'failed', 'stopped')),
    next_at TEXT COLLATE "C" CHECK (next_at LIKE '____-__-__T__:__:__Z'),
    PRIMARY KEY (id),
    CHECK ((kind = 'test') = (seq IS NULL))
);

CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook, id);
