"""The steps of the schema before judging, as they were released; `steps` says what follows them."""

RECORDS = """
CREATE TABLE runs (
    run_id VARCHAR PRIMARY KEY, record_digest VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL, finished_at TIMESTAMPTZ, status VARCHAR NOT NULL,
    suite_id VARCHAR NOT NULL, suite_version VARCHAR NOT NULL, task VARCHAR NOT NULL,
    epoch INTEGER NOT NULL, planned INTEGER NOT NULL, ok INTEGER NOT NULL,
    failed INTEGER NOT NULL, skipped INTEGER NOT NULL,
    seconds DOUBLE NOT NULL CHECK (isfinite(seconds)),
    cost_usd DOUBLE CHECK (isfinite(cost_usd)),
    models VARCHAR[] NOT NULL, machine VARCHAR NOT NULL, versions VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL, notes VARCHAR[] NOT NULL
);
CREATE TABLE suites (
    suite_id VARCHAR, suite_version VARCHAR, title VARCHAR NOT NULL, task VARCHAR NOT NULL,
    reference_model VARCHAR, seen_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (suite_id, suite_version)
);
CREATE TABLE prompts (
    suite_id VARCHAR, suite_version VARCHAR, ordinal INTEGER NOT NULL, prompt_id VARCHAR,
    text VARCHAR NOT NULL, domains VARCHAR[] NOT NULL, facts VARCHAR NOT NULL,
    PRIMARY KEY (suite_id, suite_version, prompt_id)
);
CREATE TABLE models (
    model_id VARCHAR, model_revision VARCHAR, name VARCHAR NOT NULL, task VARCHAR NOT NULL,
    backend VARCHAR NOT NULL, vendor VARCHAR, licence VARCHAR, released DATE, anchor VARCHAR,
    base VARCHAR, training_run VARCHAR, simulated BOOLEAN NOT NULL, seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (model_id, model_revision)
);
CREATE TABLE run_metrics (
    run_id VARCHAR, metric VARCHAR, version VARCHAR, title VARCHAR NOT NULL,
    modality VARCHAR NOT NULL, measures VARCHAR NOT NULL, higher_is_better BOOLEAN NOT NULL,
    low DOUBLE NOT NULL, high DOUBLE NOT NULL, needs VARCHAR[] NOT NULL, judge VARCHAR,
    family VARCHAR, in_rating BOOLEAN NOT NULL,
    tie_band DOUBLE NOT NULL CHECK (isfinite(tie_band)), source VARCHAR NOT NULL,
    PRIMARY KEY (run_id, metric, version)
);
CREATE TABLE generations (
    trial_key VARCHAR PRIMARY KEY, run_id VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL, model_revision VARCHAR NOT NULL,
    suite_id VARCHAR NOT NULL, suite_version VARCHAR NOT NULL, prompt_id VARCHAR NOT NULL,
    seed BIGINT NOT NULL, epoch INTEGER NOT NULL, status VARCHAR NOT NULL,
    settled BOOLEAN NOT NULL, started_at TIMESTAMPTZ NOT NULL,
    latency_s DOUBLE CHECK (isfinite(latency_s)), media_path VARCHAR, media_sha256 VARCHAR,
    mime VARCHAR, width INTEGER, height INTEGER, bytes BIGINT, quantities VARCHAR NOT NULL,
    cost_usd DOUBLE CHECK (isfinite(cost_usd)), cost_basis VARCHAR,
    failure_kind VARCHAR, failure_message VARCHAR, failure_blame VARCHAR
);
-- No key of its own: the scores of a trial are replaced together with it, in one transaction.
CREATE TABLE scores (
    trial_key VARCHAR NOT NULL, metric VARCHAR NOT NULL, version VARCHAR NOT NULL,
    value DOUBLE CHECK (isfinite(value)), reason VARCHAR, fingerprint VARCHAR NOT NULL,
    CHECK ((value IS NULL) <> (reason IS NULL))
);
-- Every failure of every run, also of trials that a later run settled.
CREATE TABLE failures (
    run_id VARCHAR NOT NULL, model_id VARCHAR NOT NULL, prompt_id VARCHAR NOT NULL,
    seed BIGINT NOT NULL, status VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    message VARCHAR NOT NULL, blame VARCHAR NOT NULL, failed_at TIMESTAMPTZ NOT NULL
);
"""

CURRENT = """
-- The version of each suite that was evaluated last.
CREATE VIEW current_suites AS
    SELECT suite_id, suite_version FROM runs
    WHERE ok + failed > 0
    QUALIFY row_number() OVER (PARTITION BY suite_id ORDER BY started_at DESC, run_id DESC) = 1;
-- The revision of each model that was evaluated last on it.
CREATE VIEW current_models AS
    SELECT g.suite_id, g.suite_version, g.model_id, g.model_revision
    FROM generations g JOIN current_suites USING (suite_id, suite_version)
    WHERE g.status <> 'skipped'
    QUALIFY row_number() OVER (
        PARTITION BY g.suite_id, g.model_id ORDER BY g.started_at DESC, g.model_revision DESC) = 1;
-- One generation per model, prompt and seed: the newest epoch that is settled.
CREATE VIEW current_generations AS
    SELECT g.* FROM generations g
    JOIN current_models USING (suite_id, suite_version, model_id, model_revision)
    QUALIFY row_number() OVER (
        PARTITION BY g.suite_id, g.model_id, g.prompt_id, g.seed
        ORDER BY g.settled DESC, g.epoch DESC, g.started_at DESC, g.trial_key) = 1;
"""

SNAPSHOTS = """
CREATE TABLE imports (
    import_id VARCHAR PRIMARY KEY, source VARCHAR NOT NULL, file VARCHAR NOT NULL,
    rows INTEGER NOT NULL, imported_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE snapshots (
    snapshot_key VARCHAR PRIMARY KEY, source VARCHAR NOT NULL, arena VARCHAR NOT NULL,
    published_at TIMESTAMPTZ NOT NULL, rank INTEGER NOT NULL, model VARCHAR NOT NULL,
    organization VARCHAR, score DOUBLE CHECK (isfinite(score))
);
"""

BOARDS = """
CREATE TABLE boards (
    board_id INTEGER PRIMARY KEY, decides BOOLEAN NOT NULL, source VARCHAR NOT NULL,
    task VARCHAR NOT NULL, domain VARCHAR NOT NULL, evidence_at TIMESTAMPTZ NOT NULL,
    suite_id VARCHAR, suite_version VARCHAR, simulated BOOLEAN NOT NULL, reference VARCHAR,
    metrics VARCHAR[] NOT NULL
);
CREATE TABLE board_rows (
    board_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, model VARCHAR NOT NULL,
    name VARCHAR NOT NULL, vendor VARCHAR, anchor VARCHAR, simulated BOOLEAN NOT NULL,
    rank INTEGER, rank_low INTEGER, rank_high INTEGER,
    rating DOUBLE NOT NULL CHECK (isfinite(rating)),
    rating_low DOUBLE CHECK (isfinite(rating_low)),
    rating_high DOUBLE CHECK (isfinite(rating_high)),
    p_best DOUBLE CHECK (p_best BETWEEN 0 AND 1), p_top5 DOUBLE CHECK (p_top5 BETWEEN 0 AND 1),
    comparisons DOUBLE NOT NULL CHECK (isfinite(comparisons)), prompts INTEGER NOT NULL,
    failure_rate DOUBLE CHECK (failure_rate BETWEEN 0 AND 1),
    latency_p50_s DOUBLE CHECK (isfinite(latency_p50_s)),
    latency_p95_s DOUBLE CHECK (isfinite(latency_p95_s)),
    cost_usd DOUBLE CHECK (isfinite(cost_usd)), cost_basis VARCHAR
);
CREATE TABLE board_scores (
    board_id INTEGER NOT NULL, model VARCHAR NOT NULL, metric VARCHAR NOT NULL,
    value DOUBLE NOT NULL CHECK (isfinite(value))
);
CREATE TABLE board_left_out (
    board_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, what VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
"""

PICKS = """
CREATE TABLE picks (
    task VARCHAR NOT NULL, domain VARCHAR NOT NULL, role VARCHAR NOT NULL, model VARCHAR NOT NULL,
    name VARCHAR NOT NULL, rating DOUBLE NOT NULL CHECK (isfinite(rating)),
    rating_low DOUBLE CHECK (isfinite(rating_low)),
    rating_high DOUBLE CHECK (isfinite(rating_high)),
    p_best DOUBLE NOT NULL CHECK (p_best BETWEEN 0 AND 1),
    p_floor DOUBLE CHECK (p_floor BETWEEN 0 AND 1),
    cost_usd DOUBLE NOT NULL CHECK (isfinite(cost_usd)), cost_basis VARCHAR,
    latency_p50_s DOUBLE CHECK (isfinite(latency_p50_s)), reason VARCHAR NOT NULL,
    runner_up VARCHAR, evidence VARCHAR NOT NULL, simulated BOOLEAN NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL, suite_id VARCHAR, PRIMARY KEY (task, domain, role)
);
CREATE TABLE picks_none (
    task VARCHAR NOT NULL, domain VARCHAR NOT NULL, role VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
CREATE TABLE picks_refused (
    task VARCHAR NOT NULL, domain VARCHAR NOT NULL, model VARCHAR NOT NULL,
    reason VARCHAR NOT NULL
);
"""

HALF_LIVES = """
CREATE TABLE half_lives (
    source VARCHAR NOT NULL, arena VARCHAR NOT NULL, k INTEGER NOT NULL, method VARCHAR NOT NULL,
    label VARCHAR NOT NULL, median_days DOUBLE CHECK (isfinite(median_days)),
    low_days DOUBLE CHECK (isfinite(low_days)), high_days DOUBLE CHECK (isfinite(high_days)),
    at_least_days DOUBLE CHECK (isfinite(at_least_days)), spells INTEGER NOT NULL,
    exits INTEGER NOT NULL, snapshots INTEGER NOT NULL, first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (source, arena, k, method)
);
"""

# Boards may list models without a rank, so a line is found by its model.
SNAPSHOT_COLUMNS = """
CREATE TABLE snapshots_by_rank AS FROM snapshots;
DROP TABLE snapshots;
CREATE TABLE snapshots (
    snapshot_key VARCHAR PRIMARY KEY, source VARCHAR NOT NULL, arena VARCHAR NOT NULL,
    published_at TIMESTAMPTZ NOT NULL, model VARCHAR NOT NULL, rank INTEGER CHECK (rank >= 1),
    organization VARCHAR, score DOUBLE CHECK (isfinite(score)),
    score_low DOUBLE CHECK (isfinite(score_low)), score_high DOUBLE CHECK (isfinite(score_high)),
    votes BIGINT CHECK (votes >= 0), licence VARCHAR,
    price_usd DOUBLE CHECK (isfinite(price_usd)), price_unit VARCHAR, released DATE,
    model_id VARCHAR, kind VARCHAR
);
INSERT INTO snapshots BY NAME
    SELECT sha256(concat_ws(chr(31), source, arena, epoch_us(published_at), model))
        AS snapshot_key, source, arena, published_at, model, rank, organization, score
    FROM snapshots_by_rank;
DROP TABLE snapshots_by_rank;
-- What was noticed on importing a file: boards that were refused are in no other table.
CREATE TABLE import_findings (
    import_id VARCHAR NOT NULL, ordinal INTEGER NOT NULL, arena VARCHAR, name VARCHAR NOT NULL,
    count INTEGER NOT NULL, detail VARCHAR NOT NULL, examples VARCHAR[] NOT NULL
);
"""

CHURN = """
DROP TABLE half_lives;
-- One document per board: it is read and shown as a whole, and its fields grow.
CREATE TABLE churn (
    source VARCHAR NOT NULL, arena VARCHAR NOT NULL, top INTEGER NOT NULL, report VARCHAR NOT NULL,
    PRIMARY KEY (source, arena, top)
);
"""
