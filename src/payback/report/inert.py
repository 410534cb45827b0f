"""Text from files and people, made harmless: it can be read, and do nothing else.

Names of models, notes and titles come from outside. They must not close a tag, move the cursor of
a terminal, turn the direction of a line, or open a link.
"""

from __future__ import annotations

import html
import re

_LINES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
# C0 and C1 controls; marks that turn the direction of writing; tags and fillers nobody can see.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LONE = re.compile("[\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def plain(text: str) -> str:
    """The text on one line, without controls, direction marks or half characters."""
    one_line = _LINES.sub(" ", text)
    return _LONE.sub("\ufffd", _UNSEEN.sub("", one_line))


def escaped(text: str) -> str:
    """For HTML and SVG, between tags or in quotes."""
    return html.escape(plain(text), quote=True)


def markdown(text: str) -> str:
    """For Markdown, inside a paragraph or a table's cell."""
    return _MARKDOWN.sub(r"\\\1", plain(text)).replace("://", ":\\//")


def slug(text: str) -> str:
    """A name for an anchor: letters and digits of the text, the same text always the same name."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(words) if words else "x" + text.encode("utf-8", "replace").hex()[:24]
