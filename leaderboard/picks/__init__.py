"""From a board to a hero and a workhorse, and how long to believe it (pure).

::

    policy          policy.toml -> the rules for one task and domain
    field           the candidates of a board, their facts and joint draws: own boards
    outside_field   the same of a public board, read off its history
    qualify         who is a candidate, and why not
    odds            what is asked of the draws: best, better, above the floor, on the frontier
    rules           who keeps a role and who takes it, for many worlds at once
    standing        what both roles are decided from today
    roles           the rules asked of today, and the policy's own word
    in_line         who would be picked next
    reasons         why, in one line each
    frontier        cost against quality
    decision        a field, rules and incumbents -> picks, decisions, refusals
    prospect        what may come to a board, read off its history
    outlook         the rules on boards that may come -> how long a pick may be believed
    due             which picks to check again, the most doubtful first
    conclude        every field of a refresh -> all picks
    backtest        the policy through a board's history, beside plain ones
"""
