"""A picture on a page is its pixels and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from leaderboard.dashboard import reads


def test_what_a_file_says_of_its_origin_is_not_served(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    note = PngImagePlugin.PngInfo()
    note.add_text("Software", "the name of a model")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "picture.png"
    Image.fromarray(pixels).save(path, pnginfo=note, icc_profile=profile)
    with Image.open(path) as opened:
        assert {"icc_profile", "Software"} <= set(opened.info)

    served = reads.picture(path, 6)
    buffer = io.BytesIO()
    served.save(buffer, format="PNG")
    assert b"iCCP" not in buffer.getvalue()
    assert b"the name of a model" not in buffer.getvalue()
    np.testing.assert_array_equal(np.asarray(served), pixels)
