"""From recorded scores to a decision.

The journey, in order::

    store         run records and imported files -> DuckDB (evidence: what comes back out)
    verdicts      scores and people's votes -> who won, by every metric, within one prompt
    registered    what the registry says today of a suite's metrics, for the evidence
    weighting     what every metric weighs: the suite's word, people's votes, or families alike
    people        people's votes as the measure of the judges (judged_votes: votes beside scores;
                  fitted_weights: what the metrics should weigh)
    ballots       which two generations a person compares next; ballot_box keeps the answers
                  (vote_rows: a vote as a flat row; vote_files: CSV and Parquet; vote_counts: how
                  many there are)
    comparisons   verdicts and weights -> comparisons
    ratings       comparisons -> ratings, rank sets, odds (bradley_terry: the fit itself;
                  disagreement: what families of judges leave open)
    votes         people's votes -> strengths, their covariance clustered by prompt and voter
    sensitivity   how the order changes with the weights (tally: verdicts counted for that)
    rank_sets     draws or a covariance -> the ranks left open, the odds of the top places
    environments  which environments' scores may stand on one board
    silent_changes  epochs side by side: was a model changed under its name? (sign_flips: the test;
                  after_changes: the evidence without what another model left there)
    boards        evidence -> a rated board (board_rows: what it says of each model,
                  clip_costs: and of its clips; billed: and at another day's prices;
                  outside_boards: a snapshot, with its rank sets)
    picks         a board -> hero and workhorse (pick_log: who held a role, kept for ever)
    crosswalk     published names -> vendor, price, call (crosswalk_file: read from TOML;
                  crosswalk_suggest: what a new name may be)
    outside_picks  public boards, crosswalk and price book -> what picks are decided from
    advantage     what generation saves against traditional work, by domain
    distinctness  a base and its variants -> is one another model, in style or in content
    usage         routers' logs -> what picks got, failures in production, adoption
                  (usage_tables: the same as tables)
    workflows     chains of models: cost, best use of a budget, joint half-life, and running one
    sources       outside boards: file -> snapshots (cells: CSV and Parquet as text; tidy: what
                  the sources share; vbench_cells: which unit a VBench table is in)
    imports       outside boards -> kept copies and the store (fetch: from an address)
    own_history   own boards -> snapshots, kept like outside ones (made_boards: how they look there)
    replay        simulated models under a declared clock -> the boards there would have been
    vbench_weights  a VBench table under other weights, and where its order turns
    series        one board through time; findings: the checks on it; identity: which names are
                  one model
    churn         snapshots -> how long a place in the top lasts
    refresh       composes all of these and publishes an edition
    revalidate    what is due -> evaluated again (due_work: which suites, models and epochs)
    cycle         composes revalidate, refresh and export, once in every slot of a schedule (slots:
                  which is it; cycle_log: what was done; inputs: is there anything new; notify:
                  telling of picks; schedules: what makes cron, systemd or GitHub run it)
    edition       a published edition, opened for reading
    queries       one function per question; answers: the frozen rows they return (run_answers:
                  those about runs and what they made; trust: those about judges; documents:
                  whole answers as JSON, for the store; pick_answers: how picks came about;
                  board_queries: the questions about boards; generation_queries: those about what
                  was made)
    recommendations  picks -> what routers read, with digest and expiry (routes: how a model is
                  called; verification: may a file be obeyed, by schema/ and more; litellm_export:
                  the same for LiteLLM)
    export        recommendations.json, written in one step (deliver: to any file or address)
    fooled        which metrics degraded copies fool
    agreement     does the ranking agree with the truth?
    cli           `churnboard`: commands, one file per group; options, tables, wire (JSON) and
                  checks (of the set-up) serve them; pick_tables: picks, and how they came about;
                  pick_words: what they stand on and save
    wording       odds, places and days in words, the same everywhere (judge_words: judges;
                  judge_tables: the same as tables)
    dashboard     the same answers as pages

line_files holds what only grows, line by line; errors draws the tree of errors. `leaderboard` reads
what `evals` recorded; `evals` knows nothing of `leaderboard`.
"""
