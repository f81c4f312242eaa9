"""Web pages: a text between the tags that a program or an editor puts there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_SHORT = 80
_STYLES = (
    "",
    "<style>body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 46em } h2 { color: #234 }</style>",
    '<link rel="stylesheet" href="main.css"><script>window.ready = true;</script>',
)
_NAVIGATION = "<nav><a href='/'>Home</a> <a href='/search'>Search</a> <a href='/contact'>Contact</a></nav>"
_SHELLS = (
    "<main>{body}</main>",
    "<div class='page'><div class='text'>{body}</div></div>",
    _NAVIGATION + "<article>{body}</article><footer>Page 1</footer>",
    "<table width='100%'><tr><td>{body}</td></tr></table>",
)
_TITLES = ("Document", "Page", "Untitled", "Print view", "View file")


def html_of(text: str, random: Random) -> bytes:
    """A web page, a paragraph a line, short lines as headings now and then; navigation around it in one of four."""
    heading = random.choice(("h2", "p", "h3"))
    parts = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        tag = heading if len(line) <= _SHORT else "p"
        parts.append(f"<{tag}>{escape(line)}</{tag}>")
    body = random.choice(_SHELLS).format(body="\n".join(parts))
    head = f"<meta charset='utf-8'><title>{random.choice(_TITLES)}</title>{random.choice(_STYLES)}"
    return f"<!DOCTYPE html>\n<html lang='en'>\n<head>{head}</head>\n<body>{body}</body>\n</html>\n".encode()
