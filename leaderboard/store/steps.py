"""The schema of the database as named steps.

A step is never edited once released: a change is a new step at the end. What a reader may rely
on: every number that could be ranked is finite (DuckDB sorts NaN first, so a broken model would
lead), every time is a UTC TIMESTAMPTZ, and a trial is found by one hashed key (a seven-column
primary key makes the file five times larger).
"""

from leaderboard.store.first_steps import (
    BOARDS,
    CHURN,
    CURRENT,
    HALF_LIVES,
    PICKS,
    RECORDS,
    SNAPSHOT_COLUMNS,
    SNAPSHOTS,
)
from leaderboard.store.usage_steps import DOMAINS_AND_ADOPTION, USAGE

JUDGING = """
ALTER TABLE runs ADD COLUMN kind VARCHAR DEFAULT 'eval';
ALTER TABLE suites ADD COLUMN weights VARCHAR DEFAULT '{}';
ALTER TABLE suites ADD COLUMN keep_fooled VARCHAR[] DEFAULT [];
-- A metric may have no bound, and may be of a model's generations as a whole.
CREATE TABLE bounded_metrics AS FROM run_metrics;
DROP TABLE run_metrics;
CREATE TABLE run_metrics (
    run_id VARCHAR, metric VARCHAR, version VARCHAR, title VARCHAR NOT NULL,
    modality VARCHAR NOT NULL, measures VARCHAR NOT NULL, higher_is_better BOOLEAN NOT NULL,
    low DOUBLE CHECK (isfinite(low)), high DOUBLE CHECK (isfinite(high)), needs VARCHAR[] NOT NULL,
    judge VARCHAR, family VARCHAR, in_rating BOOLEAN NOT NULL,
    tie_band DOUBLE NOT NULL CHECK (isfinite(tie_band)), source VARCHAR NOT NULL,
    level VARCHAR NOT NULL, PRIMARY KEY (run_id, metric, version)
);
INSERT INTO run_metrics BY NAME SELECT *, 'generation' AS level FROM bounded_metrics;
DROP TABLE bounded_metrics;
-- Every score of every run that made one; `current_scores` says which counts.
CREATE TABLE first_scores AS FROM scores;
DROP TABLE scores;
CREATE TABLE scores (
    run_id VARCHAR NOT NULL, trial_key VARCHAR NOT NULL, media_sha256 VARCHAR NOT NULL,
    metric VARCHAR NOT NULL, version VARCHAR NOT NULL,
    value DOUBLE CHECK (isfinite(value)), reason VARCHAR, fingerprint VARCHAR NOT NULL,
    environment VARCHAR NOT NULL, scored_at TIMESTAMPTZ NOT NULL,
    CHECK ((value IS NULL) <> (reason IS NULL))
);
INSERT INTO scores BY NAME
    SELECT s.*, g.run_id, g.media_sha256, '' AS environment, r.started_at AS scored_at
    FROM first_scores s JOIN generations g USING (trial_key) JOIN runs r USING (run_id)
    WHERE g.media_sha256 IS NOT NULL;
DROP TABLE first_scores;
CREATE TABLE model_scores (
    run_id VARCHAR NOT NULL, model_id VARCHAR NOT NULL, model_revision VARCHAR NOT NULL,
    suite_id VARCHAR NOT NULL, suite_version VARCHAR NOT NULL, epoch INTEGER NOT NULL,
    generations INTEGER NOT NULL, metric VARCHAR NOT NULL, version VARCHAR NOT NULL,
    value DOUBLE CHECK (isfinite(value)), reason VARCHAR, fingerprint VARCHAR NOT NULL,
    environment VARCHAR NOT NULL, scored_at TIMESTAMPTZ NOT NULL,
    CHECK ((value IS NULL) <> (reason IS NULL))
);
CREATE TABLE metric_checks (
    run_id VARCHAR NOT NULL, metric VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL,
    environment VARCHAR NOT NULL, probes DOUBLE[] NOT NULL, checked_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE canaries (
    run_id VARCHAR NOT NULL, suite_id VARCHAR NOT NULL, suite_version VARCHAR NOT NULL,
    metric VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, canary VARCHAR NOT NULL,
    pairs INTEGER NOT NULL, wins INTEGER NOT NULL, ties INTEGER NOT NULL,
    low DOUBLE NOT NULL CHECK (low BETWEEN 0 AND 1), checked_at TIMESTAMPTZ NOT NULL
);
-- The score of the media that counts, per trial and metric: of the fingerprint that was tried last
-- the newest value, or the newest reason where no try of it gave a value.
CREATE VIEW current_scores AS
    WITH tried AS (
        SELECT s.*, max((s.scored_at, s.run_id, s.version)) OVER by_judge AS tried_last
        FROM scores s JOIN generations g USING (trial_key, media_sha256)
        WINDOW by_judge AS (PARTITION BY s.trial_key, s.metric, s.fingerprint)
    )
    SELECT * EXCLUDE (tried_last) FROM tried
    QUALIFY row_number() OVER (PARTITION BY trial_key, metric
        ORDER BY tried_last DESC, fingerprint, value IS NULL,
            scored_at DESC, run_id DESC, version DESC) = 1;
-- The same of whole models; a try on other numbers of generations is not one of the same thing.
CREATE VIEW current_model_scores AS
    WITH tried AS (
        SELECT s.*, max((s.scored_at, s.run_id, s.version)) OVER by_judge AS tried_last
        FROM model_scores s
        JOIN current_models USING (suite_id, suite_version, model_id, model_revision)
        WINDOW by_judge AS (PARTITION BY s.suite_id, s.model_id, s.metric, s.epoch, s.generations,
            s.fingerprint)
    )
    SELECT * EXCLUDE (tried_last) FROM tried
    QUALIFY row_number() OVER (PARTITION BY suite_id, model_id, metric
        ORDER BY epoch DESC, tried_last DESC, generations, fingerprint, value IS NULL,
            scored_at DESC, run_id DESC, version DESC) = 1;
CREATE VIEW current_canaries AS
    SELECT c.* FROM canaries c JOIN current_suites USING (suite_id, suite_version)
    QUALIFY row_number() OVER (PARTITION BY c.suite_id, c.metric, c.canary
        ORDER BY c.checked_at DESC, c.run_id DESC) = 1;
-- People's comparisons: one row per ballot, found by the ballot's own id.
CREATE TABLE votes (
    vote_id VARCHAR PRIMARY KEY, voted_at TIMESTAMPTZ NOT NULL, voter VARCHAR NOT NULL,
    suite_id VARCHAR NOT NULL, suite_version VARCHAR NOT NULL, prompt_id VARCHAR NOT NULL,
    left_model VARCHAR NOT NULL, left_revision VARCHAR NOT NULL, left_seed BIGINT NOT NULL,
    right_model VARCHAR NOT NULL, right_revision VARCHAR NOT NULL, right_seed BIGINT NOT NULL,
    outcome VARCHAR NOT NULL CHECK (outcome IN ('left', 'right', 'tie', 'both_bad'))
);
-- What a board's rating was made of: one row per metric, and one for people's votes.
CREATE TABLE board_weights (
    board_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, metric VARCHAR NOT NULL,
    family VARCHAR NOT NULL, weight DOUBLE NOT NULL CHECK (weight BETWEEN 0 AND 1),
    fooled_by VARCHAR[] NOT NULL, why VARCHAR NOT NULL
);
-- One document per board or suite: each is read and shown as a whole, and its fields grow.
CREATE TABLE board_sensitivity (board_id INTEGER PRIMARY KEY, report VARCHAR NOT NULL);
CREATE TABLE people (suite_id VARCHAR PRIMARY KEY, report VARCHAR NOT NULL);
"""

SNAPSHOT_SCORES = """
-- What a source publishes of a model beside its score: the dimensions of a VBench table.
CREATE TABLE snapshot_scores (
    snapshot_key VARCHAR NOT NULL, measure VARCHAR NOT NULL,
    value DOUBLE NOT NULL CHECK (isfinite(value)), PRIMARY KEY (snapshot_key, measure)
);
-- A line of a board whole, as it was published.
CREATE VIEW snapshot_lines AS
    SELECT s.*, coalesce(m.scores, MAP {}::MAP(VARCHAR, DOUBLE)) AS scores
    FROM snapshots s LEFT JOIN (
        SELECT snapshot_key, map_from_entries(list(row(measure, value) ORDER BY measure)) AS scores
        FROM snapshot_scores GROUP BY snapshot_key
    ) m USING (snapshot_key);
"""

CLIPS = """
ALTER TABLE generations ADD COLUMN frames INTEGER;
ALTER TABLE generations ADD COLUMN fps DOUBLE;
-- The picture that a clip begins with, relative to the folder of every run that used it.
ALTER TABLE prompts ADD COLUMN start_path VARCHAR;
-- Made anew, because a view keeps the columns that its tables had.
CREATE OR REPLACE VIEW current_generations AS
    SELECT g.* FROM generations g
    JOIN current_models USING (suite_id, suite_version, model_id, model_revision)
    QUALIFY row_number() OVER (
        PARTITION BY g.suite_id, g.model_id, g.prompt_id, g.seed
        ORDER BY g.settled DESC, g.epoch DESC, g.started_at DESC, g.trial_key) = 1;
-- What clips cost. A column that is added can have no check, so both tables are made anew.
CREATE TABLE rows_of_pictures AS FROM board_rows;
DROP TABLE board_rows;
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
    cost_usd DOUBLE CHECK (isfinite(cost_usd)), cost_basis VARCHAR,
    usd_per_clip_second DOUBLE CHECK (isfinite(usd_per_clip_second)),
    compute_s_per_clip_second DOUBLE CHECK (isfinite(compute_s_per_clip_second)),
    clip_seconds DOUBLE CHECK (isfinite(clip_seconds)), clip_width INTEGER, clip_height INTEGER
);
INSERT INTO board_rows BY NAME FROM rows_of_pictures;
DROP TABLE rows_of_pictures;
CREATE TABLE picks_of_pictures AS FROM picks;
DROP TABLE picks;
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
    decided_at TIMESTAMPTZ NOT NULL, suite_id VARCHAR,
    usd_per_clip_second DOUBLE CHECK (isfinite(usd_per_clip_second)),
    compute_s_per_clip_second DOUBLE CHECK (isfinite(compute_s_per_clip_second)),
    PRIMARY KEY (task, domain, role)
);
INSERT INTO picks BY NAME FROM picks_of_pictures;
DROP TABLE picks_of_pictures;
"""

BILLED = """
ALTER TABLE generations ADD COLUMN device VARCHAR;
-- Made anew, because a view keeps the columns that its tables had.
CREATE OR REPLACE VIEW current_generations AS
    SELECT g.* FROM generations g
    JOIN current_models USING (suite_id, suite_version, model_id, model_revision)
    QUALIFY row_number() OVER (
        PARTITION BY g.suite_id, g.model_id, g.prompt_id, g.seed
        ORDER BY g.settled DESC, g.epoch DESC, g.started_at DESC, g.trial_key) = 1;
-- What a row's generations are billed by, so that a board can be priced as of any day.
CREATE TABLE board_billed (
    board_id INTEGER NOT NULL, model VARCHAR NOT NULL, ordinal INTEGER NOT NULL,
    generations INTEGER NOT NULL, quantities VARCHAR NOT NULL, width INTEGER, height INTEGER,
    frames INTEGER NOT NULL, fps DOUBLE CHECK (isfinite(fps)), device VARCHAR
);
"""

SILENT_CHANGES = """
ALTER TABLE generations ADD COLUMN served_by VARCHAR;
-- Made anew, because a view keeps the columns that its tables had.
CREATE OR REPLACE VIEW current_generations AS
    SELECT g.* FROM generations g
    JOIN current_models USING (suite_id, suite_version, model_id, model_revision)
    QUALIFY row_number() OVER (
        PARTITION BY g.suite_id, g.model_id, g.prompt_id, g.seed
        ORDER BY g.settled DESC, g.epoch DESC, g.started_at DESC, g.trial_key) = 1;
CREATE TABLE board_silent_changes (
    board_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, model VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, epoch INTEGER NOT NULL, before INTEGER, evidence VARCHAR NOT NULL,
    metric VARCHAR, effect DOUBLE CHECK (isfinite(effect)), low DOUBLE CHECK (isfinite(low)),
    high DOUBLE CHECK (isfinite(high)), p DOUBLE CHECK (p BETWEEN 0 AND 1)
);
"""

DECISIONS = """
CREATE TABLE pick_decisions (
    ordinal INTEGER NOT NULL, task VARCHAR NOT NULL, domain VARCHAR NOT NULL,
    role VARCHAR NOT NULL, report VARCHAR NOT NULL, PRIMARY KEY (task, domain, role)
);
CREATE TABLE pick_frontier (
    ordinal INTEGER NOT NULL, task VARCHAR NOT NULL, domain VARCHAR NOT NULL,
    report VARCHAR NOT NULL
);
-- A copy of the home's log, which goes on for ever.
CREATE TABLE pick_log (
    ordinal INTEGER PRIMARY KEY, "at" TIMESTAMPTZ NOT NULL, task VARCHAR NOT NULL,
    domain VARCHAR NOT NULL, role VARCHAR NOT NULL, action VARCHAR NOT NULL,
    cause VARCHAR NOT NULL, model VARCHAR, previous VARCHAR, since TIMESTAMPTZ,
    challenger VARCHAR, price DOUBLE CHECK (isfinite(price)), source VARCHAR NOT NULL,
    evidence_at TIMESTAMPTZ NOT NULL, reason VARCHAR NOT NULL
);
"""

OUTSIDE_PICKS = """
-- A place may have picks from own evaluations and from a public board, side by side. These tables
-- are conclusions, which the next refresh makes anew.
CREATE OR REPLACE TABLE pick_decisions (
    ordinal INTEGER NOT NULL, task VARCHAR NOT NULL, domain VARCHAR NOT NULL,
    role VARCHAR NOT NULL, source VARCHAR NOT NULL, report VARCHAR NOT NULL,
    PRIMARY KEY (task, domain, role, source)
);
CREATE TABLE picks_of_one_source AS FROM picks;
DROP TABLE picks;
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
    decided_at TIMESTAMPTZ NOT NULL, suite_id VARCHAR,
    usd_per_clip_second DOUBLE CHECK (isfinite(usd_per_clip_second)),
    compute_s_per_clip_second DOUBLE CHECK (isfinite(compute_s_per_clip_second)),
    source VARCHAR NOT NULL, evidence_at TIMESTAMPTZ, provider VARCHAR, call VARCHAR,
    PRIMARY KEY (task, domain, role, source)
);
INSERT INTO picks BY NAME SELECT *, 'evals' AS source FROM picks_of_one_source;
DROP TABLE picks_of_one_source;
ALTER TABLE picks_none ADD COLUMN source VARCHAR DEFAULT 'evals';
ALTER TABLE picks_none ADD COLUMN simulated BOOLEAN DEFAULT false;
ALTER TABLE picks_refused ADD COLUMN source VARCHAR DEFAULT 'evals';
ALTER TABLE pick_log ADD COLUMN simulated BOOLEAN DEFAULT false;
"""

COMPUTE = """
-- What compute answered from the counts of the home: no line where nothing was counted.
CREATE TABLE compute_report (report VARCHAR NOT NULL);
"""

FAMILIES = """
-- One document about all variants: they are tested together, so it is read as a whole.
CREATE TABLE families (ordinal INTEGER PRIMARY KEY, report VARCHAR NOT NULL);
"""

PRICES = """
-- What the price book said on the day of the refresh: no line where nobody's prices are in it.
CREATE TABLE price_report (report VARCHAR NOT NULL);
"""

STEPS: tuple[tuple[str, str], ...] = (
    ("001_records", RECORDS),
    ("002_current", CURRENT),
    ("003_snapshots", SNAPSHOTS),
    ("004_boards", BOARDS),
    ("005_picks", PICKS),
    ("006_half_lives", HALF_LIVES),
    ("007_snapshot_columns", SNAPSHOT_COLUMNS),
    ("008_churn", CHURN),
    ("009_judging", JUDGING),
    ("010_snapshot_scores", SNAPSHOT_SCORES),
    ("011_clips", CLIPS),
    ("012_billed", BILLED),
    ("013_silent_changes", SILENT_CHANGES),
    ("014_decisions", DECISIONS),
    ("015_outside_picks", OUTSIDE_PICKS),
    ("016_usage", USAGE),
    ("017_domains_and_adoption", DOMAINS_AND_ADOPTION),
    ("018_compute", COMPUTE),
    ("019_families", FAMILIES),
    ("020_prices", PRICES),
)

DERIVED = (
    "boards",
    "board_rows",
    "board_scores",
    "board_left_out",
    "board_billed",
    "board_weights",
    "board_sensitivity",
    "board_silent_changes",
    "people",
    "picks",
    "picks_none",
    "picks_refused",
    "pick_decisions",
    "pick_frontier",
    "churn",
    "usage_reports",
    "advantage_reports",
    "adoption_reports",
    "compute_report",
    "families",
    "price_report",
)
"""Tables that every refresh replaces as a whole."""
