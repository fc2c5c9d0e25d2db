"""Numbers and words for people. Everything here is pure and returns plain strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from evals.types import TASKS

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=])")
_RECOGNISED = re.compile(r":|@|\bwww(?=\\\.)", re.IGNORECASE)

_ABBREVIATIONS = frozenset({"clip", "fid", "kid", "cmmd", "iqa", "hps", "psnr", "ssim", "lpips"})

UNKNOWN = "unknown"


def plain(text: str) -> str:
    r"""`text` so that Streamlit's Markdown shows it literally: no markup, HTML, LaTeX or icons.

    Names, prompts and reasons are written by others. Wherever a widget reads Markdown (titles,
    captions, labels of choices) they pass through here.

    >>> plain("<b>*x*</b>")
    '\\<b\\>\\*x\\*\\</b\\>'
    >>> plain(":material/face:") == ":\u200bmaterial/face:\u200b"
    True
    """
    # Line breaks would end a heading. Icons, web addresses and mail addresses are recognised even
    # where their signs are escaped, so a zero-width space parts them.
    flat = " ".join(text.split())
    return _RECOGNISED.sub("\\g<0>\u200b", _MARKDOWN.sub(r"\\\1", flat))


def seconds(value: float | None) -> str:
    """A duration in seconds, to two or three digits.

    >>> [seconds(v) for v in (0.0421, 0.871, 12.34, 754.0, None)]
    ['42 ms', '0.87 s', '12.3 s', '12 min 34 s', 'unknown']
    """
    if value is None:
        return UNKNOWN
    if value < 0.1:
        return f"{value * 1000:.0f} ms"
    if value < 10:
        return f"{value:.2f} s"
    if value < 100:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def usd(value: float | None) -> str:
    """US dollars to two significant digits below ten dollars.

    >>> [usd(v) for v in (0.00421, 0.5, 39.0, 1235.4, None)]
    ['$0.0042', '$0.50', '$39.00', '$1,235', 'unknown']
    """
    if value is None:
        return UNKNOWN
    if value >= 1000:
        return f"${value:,.0f}"
    if value >= 0.1 or value == 0:
        return f"${value:.2f}"
    return "$" + f"{float(f'{value:.2g}'):.10f}".rstrip("0")


def per_thousand(cost_usd: float | None) -> str:
    """The cost of a thousand generations, from the cost of one.

    >>> per_thousand(0.000011)
    '$0.011'
    """
    return usd(None if cost_usd is None else cost_usd * 1000)


def megabytes(size: int) -> str:
    """A number of bytes, in millions of them.

    >>> megabytes(52_400_000), megabytes(130)
    ('52 MB', '0 MB')
    """
    return f"{size / 1e6:,.0f} MB"


def day(value: date) -> str:
    """A date as `7 Oct 2026`.

    >>> day(date(2026, 10, 7))
    '7 Oct 2026'
    """
    return f"{value.day} {value:%b %Y}"


def clip(name: str, limit: int) -> str:
    """`name`, cut to at most `limit` characters with an ellipsis for what is missing.

    >>> clip("imagen-3.0-generate-002", 11)
    'imagen-3.0…'
    """
    return name if len(name) <= limit else name[: limit - 1] + "…"


def measure(name: str) -> str:
    """The name of a metric for people.

    >>> measure("clip_score"), measure("caption_accuracy"), measure("clip_caption_accuracy")
    ('CLIP score', 'caption accuracy', 'clip caption accuracy')
    """
    words = name.replace("_", " ").split()
    spoken = " ".join(w.upper() if w in _ABBREVIATIONS else w for w in words)
    return spoken.replace("CLIP caption", "clip caption")  # of a clip, not of the encoder


def ordered(tasks: Iterable[str]) -> list[str]:
    """Tasks in the order of `evals.types.TASKS`; whatever is not among them last, by name.

    >>> ordered({"video-edit", "text-to-video", "text-to-image"})
    ['text-to-image', 'text-to-video', 'video-edit']
    """
    place = {task: index for index, task in enumerate(TASKS)}
    return sorted(tasks, key=lambda task: (place.get(task, len(place)), task))


def sentence(reason: str) -> str:
    """A reason as a sentence: a capital first, a full stop last.

    >>> sentence("no model qualifies; see what was refused")
    'No model qualifies; see what was refused.'
    """
    whole = reason[:1].upper() + reason[1:]
    return whole if whole.endswith((".", "!", "?")) or not whole else whole + "."


def title(word: str) -> str:
    """An identifier as a heading: `text-to-image` becomes `Text to image`.

    >>> title("text-to-image"), title("all")
    ('Text to image', 'All')
    """
    return word.replace("-", " ").replace("_", " ").capitalize()
