"""The side of arena-rank in `benchmarks.ratings`, run by an interpreter that has it installed.

`PYTHON arena_rank_side.py VOTES.npz` reads the votes, then answers every line on its standard input
(`point` or `sandwich`) by one JSON line: the seconds a fit took, and its strengths. It imports
nothing of churnboard, whose requirements arena-rank's own pins exclude.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Answer until the standard input ends."""
    import jax
    import numpy as np
    import pandas as pd
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    votes = np.load(sys.argv[1])
    words = np.array(["model_b", "tie", "model_a"])
    frame = pd.DataFrame(
        {
            "model_a": votes["left"],
            "model_b": votes["right"],
            "winner": words[votes["outcome"] + 1],
        }
    )
    for line in sys.stdin:
        begun = time.perf_counter()
        dataset = PairDataset.from_pandas(frame)
        model = BradleyTerry(n_competitors=len(dataset.competitors))
        if line.strip() == "sandwich":
            found = model.compute_ratings_and_cis(dataset)
            jax.block_until_ready(found["variances"])
        else:
            model.fit(dataset)
        theta = np.asarray(jax.block_until_ready(model.params["ratings"]))
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "theta": theta.tolist()}), flush=True)


if __name__ == "__main__":
    main()
