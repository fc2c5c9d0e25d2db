"""From a registered model to a recorded score.

The journey, in order::

    home        where state lives and what ships
    names       what may be an id; the nearest known name
    tomlfile    files written by people, read strictly
    registry    models, suites, judges and prices: files → types
    suite_files suites: file ↔ type, and whether their metrics can score them
    frame_files where a suite says that its start frames lie
    prompt_files  lists of prompts in the field's formats
    suite_imports  a list of prompts → a suite of one's own
    animate     pictures that a model made → a suite that begins with them
    own_suites  suites of one's own, written whole or not at all
    content     hash of a folder's files
    revision    what a model is made of, hashed
    hub         what a branch of a hub repository stood for, and what a repository holds
    downloads   what a run would download before it calls its models, and on what terms
    weights     where files of weights lie: a folder, the hub's cache, a package
    judges      what is pinned of an encoder behind metrics
    judge_files the files that describe judges, read strictly
    fetch_judge weights from the hub, and their pin
    price_types price lists, and which of their prices count on a day
    price_tiers up to which size and length a price is, and at which quality
    price_words how costs follow, in words
    price_table cells of price tables, with the place of every fault
    price_files price lists written by people
    price_history  imported prices, from which day on; append-only
    price_sources  one file per outside price list
    price_imports  an outside price list → the home's history of it
    price_book  all price lists, laid over each other
    pricing     quantities × price of the day → USD; at most, before the call
    price_views the price book as rows
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
    contact_sheet  a clip as one picture, a grid of its frames
    optical_flow  where everything in a frame goes until the next
    stored      kept media → pixels, and as they are shown to judges
    media       pictures checked, encoded, stored, decoded within limits
    clips       clips checked, encoded, stored, decoded within limits
    clip_limits  how long, how fast and how large a clip may be
    clip_containers  what a clip file's bytes tell before it is opened
    clip_reader  clip files → frames
    checkpoints files of weights → tensors by name
    preprocessing  a picture → a network's input, pixel by pixel
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
    price_commands  commands: prices
    metric_commands  commands: metrics, judges, validity
    commands    commands: plan, eval, rescore (due: eval --due, decided by whoever knows boards)
    calibration a procedural world with exact truth
    types       the nouns, frozen (record_types: what a run record holds besides results)
    errors      the tree of errors

`evals` never touches DuckDB and never imports `leaderboard`.
"""
