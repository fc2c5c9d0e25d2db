"""From scores and votes to ratings: who won, what that weighs, how strong that makes a model.

::

    verdicts      scores and people's votes -> who won, by every metric, within one prompt
    weighting     what every metric weighs: the suite's word, people's votes, or families alike
    people        people's votes as the measure of the judges (judged_votes: votes beside scores;
                  fitted_weights: what the metrics should weigh)
    comparisons   verdicts and weights -> comparisons
    rate          comparisons -> ratings, rank sets, odds (bradley_terry: the fit itself;
                  disagreement: what families of judges leave open)
    votes         people's votes -> strengths, their covariance clustered by prompt and voter
    sensitivity   how the order changes with the weights (tally: verdicts counted for that)
    rank_sets     draws or a covariance -> the ranks left open, the odds of the top places

All of it is pure.
"""
