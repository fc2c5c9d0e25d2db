"""The picture that a task begins with, as providers take it in JSON: a data URI."""

from __future__ import annotations

import base64
from typing import Any


def placed(key: str, png: bytes) -> dict[str, Any]:
    """The argument that holds a picture.

    >>> placed("image_urls", b"x")
    {'image_urls': ['data:image/png;base64,eA==']}
    """
    uri = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return {key: [uri] if key.endswith("s") else uri}
