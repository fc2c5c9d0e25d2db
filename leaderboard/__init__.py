"""From recorded scores to a decision.

The journey, in order::

    store         run records and imported files -> DuckDB (evidence: what comes back out)
    ratings       scores and votes -> comparisons -> ratings, rank sets, odds
    voting        which two generations a person compares next, and the answers
    changes       was a model changed under its name?
    boards        evidence or an outside snapshot -> a rated board
    picks         a board -> hero and workhorse (pick_log: who held a role, kept for ever)
    crosswalk     published names -> vendor, price, call
    outside_picks  public boards, crosswalk and price book -> what picks are decided from
    advantage     what generation saves against traditional work, by domain
    distinctness  a base and its variants -> is one another model, in style or in content
    usage         routers' logs -> what picks got, failures in production, adoption
                  (usage_tables: the same as tables)
    workflows     chains of models: cost, best use of a budget, joint half-life, and running one
    snapshots     one board at one time, and the checks on it (identity: which names are one model)
    sources       outside boards: one file each, file -> snapshots
    history       boards through time: imported, kept, replayed, checked
    churn         snapshots -> how long a place in the top lasts
    refresh       composes all of these and publishes an edition
    cycle         composes revalidation, refresh and export, once in every slot of a schedule
                  (cycles: its parts)
    edition       a published edition, opened for reading
    queries       one function per question; answers: the frozen rows they return (run_answers:
                  those about runs and what they made; trust: those about judges; documents:
                  whole answers as JSON, for the store; pick_answers: how picks came about;
                  board_queries: the questions about boards; generation_queries: those about what
                  was made)
    routing       picks -> what routers read, and may they obey it? (schema/: its form)
    export        recommendations.json, written in one step
    cli           `churnboard`: commands, one file per group; options, tables, wire (JSON) and
                  checks (of the set-up) serve them; pick_tables: picks, and how they came about;
                  pick_words: what they stand on and save
    wording       odds, places and days in words, the same everywhere (judge_words: judges;
                  judge_tables: the same as tables)
    dashboard     the same answers as pages

line_files holds what only grows, line by line; errors draws the tree of errors. `leaderboard` reads
what `evals` recorded; `evals` knows nothing of `leaderboard`.
"""
