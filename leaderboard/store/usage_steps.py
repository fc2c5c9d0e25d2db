"""The schema of usage, and of what follows from it and from domains: steps of `steps`."""

USAGE = """
-- What routers logged: a line per call, or per count of calls.
CREATE TABLE usage_calls (
    call_id VARCHAR PRIMARY KEY, "at" TIMESTAMPTZ NOT NULL, alias VARCHAR, model VARCHAR NOT NULL,
    ok BOOLEAN, latency_s DOUBLE CHECK (isfinite(latency_s)),
    cost_usd DOUBLE CHECK (isfinite(cost_usd)), task VARCHAR,
    kind VARCHAR NOT NULL CHECK (kind IN ('ai', 'traditional')),
    calls BIGINT NOT NULL CHECK (calls > 0)
);
CREATE TABLE usage_files (file_id VARCHAR PRIMARY KEY);
CREATE TABLE usage_reports (
    ordinal INTEGER PRIMARY KEY, task VARCHAR NOT NULL, source VARCHAR NOT NULL,
    simulated BOOLEAN NOT NULL, report VARCHAR NOT NULL
);
"""

DOMAINS_AND_ADOPTION = """
CREATE TABLE advantage_reports (
    ordinal INTEGER PRIMARY KEY, task VARCHAR NOT NULL, report VARCHAR NOT NULL
);
-- Counts of work through time, by model or class, as somebody keeps them: a month is one row.
CREATE TABLE usage_counts (
    count_id VARCHAR PRIMARY KEY, series VARCHAR NOT NULL, day DATE NOT NULL, model VARCHAR,
    kind VARCHAR NOT NULL CHECK (kind IN ('ai', 'traditional')),
    count BIGINT NOT NULL CHECK (count >= 0)
);
CREATE TABLE adoption_reports (
    ordinal INTEGER PRIMARY KEY, series VARCHAR NOT NULL, report VARCHAR NOT NULL
);
"""
