"""Clips: what may be one, and how it is kept and looked at.

::

    codec          clips checked, encoded, stored, decoded within limits
    limits         how long, how fast and how large a clip may be
    containers     what a clip file's bytes tell before it is opened
    reader         clip files → frames
    contact_sheet  a clip as one picture, a grid of its frames
    optical_flow   where everything in a frame goes until the next
"""
