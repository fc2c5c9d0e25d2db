"""How fast the top of a board turns over (pure): boards through time -> one report.

::

    spells        unbroken stays, as published or bridged
    published     half-lives of spells as they stand (lifelines)
    turnbull      lengths known only to lie between two boards
    panel         the distinct boards as arrays
    shifts        how far the publisher's scale moved from date to date
    scatter       how ratings scatter around strengths: noise, shared votes, drift
    strengths     draws of all strengths, each a whole path
    arrivals      draws of when models came and went between two boards
    membership    who was in the top k when, in every draw
    curves        survival curves of the draws, combined into one with a band
    headline      the half-life with the noise taken out
    replacement   how long until half of the top of a date has gone
    windows       half-life through time, and whether it has changed
    outlook       who is about to fall
    meter         how much of the published churn is measurement
    report        all of it for one board, as answers; document: the report as stored
"""
