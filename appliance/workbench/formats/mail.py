"""E-mail: a text as the body of a mail, under the headers that a real one has.

The subject says nothing, and the people are nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

SUBJECTS = (
    "Document",
    "Please file",
    "As discussed",
    "Fwd: text",
    "See below",
    "For your records",
    "FYI",
    "Re: file",
    "",
)
_FIRST = ("Alma", "Boris", "Cleo", "Dara", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Kofi", "Lena", "Mira", "Ned")
_LAST = ("Abel", "Brandt", "Costa", "Doyle", "Egan", "Frost", "Gray", "Holm", "Ito", "Jonas", "Kaur", "Lamb", "Moss")
_HOSTS = ("harbour.example", "northgate.example", "elm.example.org", "post.example.net", "bureau.example.com")
_PROGRAMS = ("Mailer 16.0", "Thunder 115.3", "Webmail/4.2", "Post for Android")
_FIRST_DAY = datetime(2009, 1, 5, 8, tzinfo=UTC)
_HTML_SHARE = 0.3
_GREETED_SHARE = 0.5
_GREETINGS = ("Hi,\n\nplease see below.\n\n", "Hello,\n\n", "For the file:\n\n", "---------- Forwarded ----------\n\n")


def mail_of(text: str, random: Random) -> bytes:
    """A mail; half of them open with a line of greeting, and some have the same body as HTML too."""
    body = (random.choice(_GREETINGS) if random.random() < _GREETED_SHARE else "") + text
    sender, sender_host = _person(random), random.choice(_HOSTS)
    receiver, receiver_host = _person(random), random.choice(_HOSTS)
    sent = _FIRST_DAY + timedelta(minutes=random.randrange(8_000_000))
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = f"<{_address(sender, sender_host)}>"
    stamp = f"{sent:%Y%m%d%H%M%S}.{random.randrange(16**8):08x}"
    mail["Received"] = f"from mx.{sender_host} by mail.{receiver_host} with ESMTPS id {stamp}; {format_datetime(sent)}"
    mail["Message-ID"] = f"<{stamp}@{sender_host}>"
    mail["Date"] = format_datetime(sent)
    mail["From"] = f"{sender} <{_address(sender, sender_host)}>"
    mail["To"] = f"{receiver} <{_address(receiver, receiver_host)}>"
    mail["Subject"] = random.choice(SUBJECTS)
    mail["X-Mailer"] = random.choice(_PROGRAMS)
    mail.set_content(body.encode("utf-8", "replace").decode())
    if random.random() < _HTML_SHARE:
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in body.split("\n") if line.strip())
        mail.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
        mail.set_boundary(f"=_{stamp}")
    return mail.as_bytes()


def _person(random: Random) -> str:
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"


def _address(person: str, host: str) -> str:
    return f"{person.lower().replace(' ', '.')}@{host}"
