"""What a scheduled cycle is made of; `leaderboard.cycle` composes it.

::

    schedules   what makes cron, systemd or GitHub run it
    slots       which slot of the schedule a time is in, and which were missed
    log         what was done in every slot, kept for ever
    due         which suites, models and epochs are past their best-before date
    revalidate  what is due -> evaluated again
    inputs      is there anything new to refresh for?
    notify      telling a webhook or a file of picks that changed hands
"""
