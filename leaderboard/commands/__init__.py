"""Commands of the leaderboard: one file per group, each with `register(app)`.

A group is found by its file; nothing heavy is imported until a command runs.
"""
