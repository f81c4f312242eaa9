"""Who may speak to the desk, and what a browser may do with its pages.

A page elsewhere can point its own name at this machine (DNS rebinding) and read
the desk through a visitor's browser; the Host header then still carries that
name, so only this machine's own names are answered. Every response, errors
included, carries a policy under which nothing but the desk's own files runs.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import MisdirectedRequest

if TYPE_CHECKING:
    from flask import Flask, Response

    from appliance.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install(app: Flask, settings: Settings) -> None:
    """Check every request's Host and put the headers on every response."""
    names = own_names(settings.desk_host, socket.gethostname())
    anywhere = _is_wildcard(settings.desk_host)

    @app.before_request
    def refuse_strange_host() -> None:
        if not is_own_host(request.headers.get("Host", ""), names, any_address=anywhere):
            raise MisdirectedRequest

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def own_names(desk_host: str, machine: str) -> frozenset[str]:
    """Return the names and addresses that the desk answers to."""
    if _is_wildcard(desk_host):
        return LOOPBACK | {machine.lower()}
    return LOOPBACK | {desk_host.lower()}


def is_own_host(header: str, names: frozenset[str], *, any_address: bool) -> bool:
    """Say whether a Host header names this machine.

    Args:
        header: The header, for example ``box:8710`` or ``[::1]:8710``.
        names: What the desk answers to, in lower case.
        any_address: Answer to every address as well: no name can be rebound to an address that was typed.
    """
    try:
        parts = urlsplit(f"//{header}")
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.netloc != header or "@" in header:
        return False
    return host in names or (any_address and _is_address(host))


def _is_wildcard(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
