"""What people look at: a reading of the current edition. Nothing here writes, but for votes.

::

    app.py  ->  navigation    which pages there are, and the page of an empty home
                pages/        one file a page: picks, board, arena, churn, runs, usage,
                              prices, workflows, domains, compute, families
                gallery       one prompt and seed, side by side for all models
                player        clips side by side, in step
                judges        the section on who votes and how much that matters (judge_charts)
                presses       which press on the Arena page is a judgement, which an accident;
                              voter: the token that a browser keeps, so that it stays one voter
                churn_tables  the tables of the Churn page; churn_words: its sentences
                widgets       choices, badges and figures that several pages draw alike
                charts, bump  figures: answers in, plotly figure out; places: what bump draws;
                              survival_charts: survival, and half-life through time;
                              pick_charts: the frontier, and who held a role when;
                              usage_charts: traffic beside rank, shares and their curves;
                              workflow_charts: a chain as a graph, and what budgets buy;
                              domain_charts: how many times cheaper than by hand;
                              compute_charts: the ladder, and the roofline;
                              family_charts: a base and how far its variants are off;
                              price_charts: what one generation costs, seller by seller
                credits       what sources are called, and whom they are to be credited to
                text          numbers and words for people; data is shown, never interpreted
                reads         cached reads, keyed by the edition's real path
"""
