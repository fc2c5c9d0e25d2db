"""Chains of models: what one costs, how good its steps are, and how long it may be believed.

::

    chain       steps, their inputs, roles and counts: the noun, and its words for tasks
    graph       the checks on a chain; its order, its runs, its longest path (pure)
    files       chains as TOML, shipped and the home's own
    comfy_graph  a ComfyUI file, API or UI format -> one flat graph of nodes (pure)
    comfy_nodes  which node calls a model, and what it makes (pure)
    comfy       that graph -> the steps of a chain (pure)
    fal         a fal workflow -> the steps of a chain (pure)
    importing   a file of any of these formats -> a chain
    offers      boards, picks and prices -> who could do each step (pure)
    assignment  the best choice for every step under one budget, exactly (pure)
    plan        chain and offers -> cost, latency and quality by mode (pure)
    half_life   when the first of the steps is stale (pure)
    answers     the frozen rows that are told
    ask         an edition, the registry and a chain -> those rows
    select      of several generations of one prompt the best (pure)
    step_runs   a step about to be run, and what became of it
    step_suites  what goes into a step -> a suite of the chain's own home
    run         a chain run for real, step by step
    counts      how many steps published workflows have
    tables      chains, plans and runs as tables
    words       claim, measurement and verdict in words

No module here but `run` generates anything.
"""
