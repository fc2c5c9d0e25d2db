"""Was a model changed under its name?

::

    silent      epochs side by side: by bytes, by what the endpoint says, by scores
    sign_flips  the test behind the last
    after       the evidence without what another model left there
"""
