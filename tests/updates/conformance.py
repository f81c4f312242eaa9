"""The box's verifier behind the commands of the public TUF client conformance suite.

The suite serves a repository on loopback instead of a zip, keeps the trusted
metadata in a folder between commands and uses delegations; all else is the
code a box runs. Commands: ``init``, ``refresh``, ``download`` (CLIENT-CLI.md of
theupdateframework/tuf-conformance).
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Urllib3Fetcher

from appliance.updates.client import LIMITS, Client, Source

ROOT = "root.json"


def _client(arguments: argparse.Namespace) -> Client:
    folder = arguments.metadata_dir
    source = Source(Urllib3Fetcher(), arguments.metadata_url, arguments.target_base_url or "")
    limits = replace(LIMITS, max_delegations=32)
    return Client(source, (folder / ROOT).read_bytes(), folder, datetime.now(UTC), limits)


def _download(client: Client, names: list[str], folder: Path) -> None:
    for name in names:
        target = client.find(name)
        if target is None:
            raise RepositoryError(f"{name} is not signed")
        file = folder / quote(name, "")
        if not client.has(target, file):
            client.fetch(target, file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url")
    parser.add_argument("--target-name", action="append", default=[])
    parser.add_argument("--target-dir", type=Path)
    parser.add_argument("--target-base-url")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("trusted_root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser.parse_args()


def main() -> int:
    """Do one command; 0 when all of it was done, else 1 and why."""
    arguments = _arguments()
    try:
        if arguments.command == "init":
            (arguments.metadata_dir / ROOT).write_bytes(arguments.trusted_root.read_bytes())
        elif arguments.command == "refresh":
            _client(arguments).refresh()
        else:
            _download(_client(arguments), arguments.target_name, arguments.target_dir)
    except (DownloadError, RepositoryError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - the suite shows it with a failed test
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
