"""Picks as routers read them; `leaderboard.export` writes the file.

::

    recommendations  picks -> the document, with digest, sequence and expiry
    routes           how a model is called
    verification     may a file be obeyed? by its schema, and more
    litellm          the same as a configuration of LiteLLM
    deliver          to any file or address
"""
