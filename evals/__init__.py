"""From a registered model to a recorded score.

The journey, in order::

    home        where state lives and what ships
    names       what may be an id; the nearest known name
    tomlfile    files written by people, read strictly
    registry    models, suites, judges and prices: files → types
    suites      prompts, seeds and metrics: files, the field's lists, and suites of one's own
    content     hash of a folder's files
    revision    what a model is made of, hashed
    hub         what a branch of a hub repository stood for, and what a repository holds
    downloads   what a run would download before it calls its models, and on what terms
    weights     where files of weights lie: a folder, the hub's cache, a package
    judges      what is pinned of the encoders behind metrics
    prices      the price book: what is asked for a generation, since when, and who says so
    pricing     quantities × price of the day → USD; at most, before the call
    compute     what a generation takes: FLOPs, bytes, seconds, dollars; ladder and roofline
    plan        models × prompts × seeds of an epoch, less what is recorded; cost and time ahead
    request     what a person asks for → what is to be done
    plugins     backends and metrics by file name and entry point
    backends    one file per way to call a model
    endpoints   what the backends behind an address share: keys, guard, patience, limits
    generate    trial → generation: latency, retry, blame
    calls       paid calls as they are written down, before and after
    budget      what of a plan fits into money and time
    account     what a run may spend and has spent, asked before every call
    executors   who makes the calls: this process, or others
    cluster     calls made by the nodes of a Ray cluster
    start_frames  what image-to-video begins with, kept with the run
    stored      kept media → pixels, and as they are shown to judges
    media       pictures checked, encoded, stored, decoded within limits
    clips       clips checked, encoded, stored, decoded within limits
    encoder_kinds  one file per kind of judge
    encoders    one embedding pass shared by every metric
    embeddings  what a judge made of a picture, kept by the picture's content
    probes      a fixed set of pictures that every run scores, to compare environments
    metrics     one file per metric
    vbench      VBench's totals from its sixteen dimensions
    instruments which metrics score a suite, on which judges
    needs       what metrics need of a generation, made once for all of them
    score       generation → scores, or the reason for none
    wire        run records ↔ JSON
    record      append-only run records that survive a crash
    backlog     what of the kept media has no score yet
    headers     headers of run records
    canaries    degraded copies beside originals: which metrics they fool
    validity    how far metrics can be trusted, where the truth is known
    rank_agreement  does one number order things as another does?
    tie_band    how much a harmless edit of a picture moves a score
    judging     kept media → lines of scores
    machine     what a run ran on
    run         composes all of it
    display     how answers look
    options     what its commands share
    listings    commands: what is registered
    metric_commands  commands: metrics, judges, validity
    commands    commands: plan, eval, rescore (due: eval --due, decided by whoever knows boards)
    calibration a procedural world with exact truth
    types       the nouns, frozen (record_types: what a run record holds besides results)
    errors      the tree of errors

`evals` never touches DuckDB and never imports `leaderboard`.
"""
