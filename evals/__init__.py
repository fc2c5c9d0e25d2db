"""From a registered model to a recorded score.

The journey, in order::

    registry  ->  plan  ->  generate (backends, media)  ->  score (encoders, metrics)  ->  record

`evals` never touches DuckDB and never imports `leaderboard`.
"""
