"""The documentation is true: every room is on the map, every command and setting stands in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from appliance.cli import cli
from appliance.settings import described

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_settings_page_is_the_table_of_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == described()


@pytest.mark.parametrize(
    "folder",
    [
        path.relative_to(ROOT)
        for parent in (ROOT, ROOT / "appliance")
        for path in parent.iterdir()
        if path.is_dir() and not path.name.startswith((".", "_")) and path.name not in ("var", "build", "dist")
        if not path.name.endswith(".egg-info")
    ],
    ids=str,
)
def test_every_folder_is_on_the_map(folder: Path) -> None:
    map_of_rooms = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert f"`{folder}/`" in map_of_rooms or folder == Path("appliance")


def test_every_module_of_the_ground_floor_is_on_the_map() -> None:
    map_of_rooms = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {path.name for path in (ROOT / "appliance").glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"{name}`" not in map_of_rooms} == set()


def test_every_command_stands_in_the_docs() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = [name for name in cli.list_commands(click.Context(cli)) if name != "model"]
    assert [name for name in names if f"appliance {name}" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readme_names_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"run", "test"} <= named
    assert {name for name in named if f"\n{name}:" not in makefile} == set()
