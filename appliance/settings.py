"""One TOML file becomes one validated, frozen ``Settings``; an unknown key is an error.

The root of all run-time data is ``APPLIANCE_HOME`` (by default the checkout's
own folder); its ``appliance.toml`` is optional, because every setting has a
default that works. Nothing outside this room reads the environment.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import UsageError

CHECKOUT = Path(__file__).resolve().parent.parent
FILE_NAME = "appliance.toml"


class SettingsError(UsageError):
    """The settings file cannot be used as it stands."""


class Settings(BaseModel):
    """Every setting of the box, each with its unit in its name.

    ``docs/settings.md`` is written from this table: ``python -m appliance.settings > docs/settings.md``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=CHECKOUT, description="Root of all run-time data; set by APPLIANCE_HOME.")
    inboxes: tuple[Path, ...] = Field(
        default=(Path("inbox"),), min_length=1, description="Drop folders; a relative path is below the root."
    )
    settle_seconds: float = Field(
        default=2.0, gt=0, le=3600, description="A file whose writers cannot be seen settles after this long unchanged."
    )
    empty_seconds: float = Field(
        default=60.0, gt=0, description="An empty file is taken after this long; copies often begin with one."
    )
    sweep_seconds: float = Field(
        default=10.0,
        gt=0,
        le=86400,
        description="How often each inbox is looked through for files whose event was missed.",
    )
    poll_seconds: float = Field(
        default=2.0, gt=0, le=86400, description="How often an inbox is looked through that sends no events."
    )
    reserve_bytes: int = Field(
        default=32 * 1024**2, ge=0, description="Room kept free on the disk; with less of it intake pauses."
    )
    workers: int = Field(default=0, ge=0, le=64, description="Documents read at once; 0 means one a core.")
    model_threads: int = Field(
        default=0, ge=0, le=64, description="Threads for a document that is alone in work; 0 means one a core."
    )
    scan_workers: int = Field(
        default=1, ge=0, le=64, description="Scans read at once, about 400 MB each while it works; 0 reads none."
    )
    scan_idle_seconds: float = Field(
        default=60.0, gt=0, description="A worker for scans ends when none has come for this long."
    )
    error_budget: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Largest share of what is filed unasked that may be wrong: 0.01 is at most 1 in 100 filed wrongly."
        " One of those the model was calibrated for; unset takes the model's own.",
    )
    read_windows: int = Field(default=4, ge=1, le=64, description="Windows of text read before deciding unsure.")
    read_seconds: float = Field(default=5.0, gt=0, description="Reading time before deciding with what there is.")
    document_seconds: float = Field(
        default=20.0, gt=0, description="Hard limit for one reading attempt; a reader past it is ended."
    )
    document_bytes: int = Field(
        default=2 * 1024**3, ge=1, description="A larger file is not read; it goes to unreadable/."
    )
    sandbox: Literal["require", "prefer"] = Field(
        default="prefer",
        description="Where a wall around the reading processes is missing: refuse to start, or say so in the log.",
    )
    duplicates: Literal["beside", "hold"] = Field(
        default="beside", description="Same bytes again: file beside the first, or hold for a person."
    )
    attachments: Literal["with_mail", "separate"] = Field(
        default="with_mail",
        description="What is attached to a mail: left in it unread, or each a document of its own besides.",
    )
    keep_text: Literal["none", "snippet"] = Field(
        default="snippet", description="Text kept in the ledger: none, or the passage that decided."
    )
    picture_bytes: int = Field(
        default=256 * 1024**2,
        ge=0,
        description="Room for pictures of pages; what was longest not looked at goes first.",
    )
    factory_model: Path = Field(
        default=CHECKOUT / "models" / "factory.bundle",
        description="The read-only model the box came with: a bundle, or a model folder for trying one out.",
    )
    kept_slots: int = Field(
        default=3, ge=1, le=64, description="Imported models kept to go back to; the active one and its fallback stay."
    )
    latency_ratio: float = Field(
        default=1.5, gt=0, le=10, description="Most of the active model's time a new model may take for a document."
    )
    model_memory_bytes: int = Field(
        default=256 * 1024**2, ge=1, description="Most memory a new model may take when it is loaded."
    )
    accuracy_margin: float = Field(
        default=0.01,
        gt=0,
        lt=1,
        description="A new model may be this much worse on documents reviewed here and still not be worse; a share.",
    )
    confirm_documents: int = Field(
        default=20, ge=1, description="A new model is confirmed after so many documents, or after `confirm_seconds`."
    )
    confirm_seconds: float = Field(
        default=300.0, gt=0, description="A new model is confirmed after serving this long without trouble."
    )
    golden_seconds: float = Field(
        default=3600.0, gt=0, description="How often the model answers its golden inputs again while the box is idle."
    )
    sticks: Path = Field(default=Path("/run/appliance/sticks"), description="Where USB sticks are mounted, read-only.")
    desk_host: str = Field(default="127.0.0.1", description="Address the review desk listens on.")
    desk_port: int = Field(default=8710, ge=0, le=65535, description="Port of the review desk; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least serious log line that is written."
    )

    @property
    def inbox_paths(self) -> tuple[Path, ...]:
        """Every drop folder, absolute."""
        return tuple(self.home / inbox for inbox in self.inboxes)

    @property
    def var(self) -> Path:
        """Everything the box keeps."""
        return self.home / "var"

    @property
    def ledger_path(self) -> Path:
        """The SQLite file."""
        return self.var / "ledger.db"

    @property
    def holding(self) -> Path:
        """Where a document lies while it is in work, as ``holding/<id>/<name>``."""
        return self.var / "holding"

    @property
    def models(self) -> Path:
        """Where imported models, the keys that are trusted and the pointer lie."""
        return self.var / "models"

    @property
    def engines(self) -> Path:
        """Where what an execution provider built of a model on this box is kept; may be emptied at any time."""
        return self.models / "engines"

    @property
    def pictures(self) -> Path:
        """Where pictures of pages are kept while there is room."""
        return self.var / "pictures"

    @property
    def worker_count(self) -> int:
        """Documents read at once, resolved against the cores this process may use."""
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def walk_count(self) -> int:
        """Documents in the walk at once: one more than are read, which is claimed or filed and waits for the disk."""
        return self.worker_count + 1

    @property
    def model_thread_count(self) -> int:
        """Threads for a document that is alone in work, resolved likewise."""
        return self.model_threads or len(os.sched_getaffinity(0))


def load_settings(home: Path | None = None) -> Settings:
    """Read the settings of one root.

    Args:
        home: The root; by default ``APPLIANCE_HOME``, else the checkout's own folder.

    Raises:
        SettingsError: The file is not TOML, or a key or value in it is wrong.
    """
    root = (home or Path(os.environ.get("APPLIANCE_HOME") or CHECKOUT)).absolute()
    return _validated(root, _read_toml(root / FILE_NAME))


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read.", f"{error}.", "Mend the file, or remove it to use the defaults."
        ) from error


def _validated(root: Path, values: dict[str, object]) -> Settings:
    if "home" in values:
        raise SettingsError(
            f"The settings file {root / FILE_NAME} sets `home`.",
            "The root is where the file lies.",
            "Remove the line; choose another root with APPLIANCE_HOME.",
        )
    try:
        return Settings(home=root, **values)  # type: ignore[arg-type]  # validated by pydantic, that is the point
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "a value"
        raise SettingsError(
            f"The settings file {root / FILE_NAME} cannot be used.",
            f"`{key}`: {first['msg']}.",
            "The settings and their meaning are in docs/settings.md.",
        ) from error


def described() -> str:
    """Return the page of ``docs/settings.md``: every setting with its default and meaning."""
    rows = [
        f"| `{name}` | `{_shown(field.default)}` | {field.description} |"
        for name, field in Settings.model_fields.items()
        if name != "home"
    ]
    return "\n".join([_PAGE_HEAD, *rows, ""])


def _shown(default: object) -> str:
    if default is None:
        return "unset"
    if isinstance(default, Path):
        return str(default.relative_to(CHECKOUT)) if default.is_relative_to(CHECKOUT) else str(default)
    if isinstance(default, tuple):
        return "[" + ", ".join(f'"{each}"' for each in default) + "]"
    return f'"{default}"' if isinstance(default, str) else str(default)


_PAGE_HEAD = """# Settings

None is needed. To change some, write `appliance.toml` into the root (`APPLIANCE_HOME`, by default the checkout's own
folder), for example:

```toml
inboxes = ["inbox", "/srv/scans"]
sweep_seconds = 5
```

A key that is not in this table is an error, so that a misspelt limit is never silently ignored.

| setting | default | meaning |
| --- | --- | --- |"""


if __name__ == "__main__":
    print(described(), end="")  # noqa: T201 - this is the page
