from __future__ import annotations

from pathlib import Path

import pytest

from appliance.settings import CHECKOUT, Settings, SettingsError, load_settings


def write(home: Path, text: str) -> None:
    (home / "appliance.toml").write_text(text, encoding="utf-8")


def test_without_a_file_everything_has_a_default(home: Path) -> None:
    assert load_settings(home) == Settings(home=home)


def test_a_value_in_the_file_is_taken(home: Path) -> None:
    write(home, 'settle_seconds = 0.5\nduplicates = "hold"\n')
    settings = load_settings(home)
    assert (settings.settle_seconds, settings.duplicates) == (0.5, "hold")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("settle_second = 1", "settle_second"),
        ("[intake]\nsettle_seconds = 1", "intake"),
        ('workers = "many"', "workers"),
        ("workers = -1", "workers"),
        ("workers = 1.5", "workers"),
        ("settle_seconds = 0", "settle_seconds"),
        ("settle_seconds = nan", "settle_seconds"),
        ("sweep_seconds = inf", "sweep_seconds"),
        ('duplicates = "drop"', "duplicates"),
        ('inboxes = "inbox"', "inboxes"),
        ("inboxes = []", "inboxes"),
        ("inboxes = [1]", "inboxes"),
        ("desk_port = 65536", "desk_port"),
        ('log_level = "loud"', "log_level"),
        ("home = '/elsewhere'", "sets `home`"),
        ("settle_seconds = ", "cannot be read"),
        ("settle_seconds = 1\nsettle_seconds = 2", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_as_wrong_use(home: Path, text: str, said: str) -> None:
    write(home, text)
    with pytest.raises(SettingsError, match=said) as refused:
        load_settings(home)
    assert refused.value.exit_code == 2
    assert str(home) in refused.value.what


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0"], ids=["not UTF-8", "not text"])
def test_a_file_that_is_no_toml_is_refused(home: Path, content: bytes) -> None:
    (home / "appliance.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(home)


def test_a_folder_in_the_place_of_the_file_is_refused(home: Path) -> None:
    (home / "appliance.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(home)


def test_a_relative_inbox_is_below_the_root_and_an_absolute_one_where_it_says(home: Path) -> None:
    write(home, "inboxes = ['scans', '/srv/share']")
    assert load_settings(home).inbox_paths == (home / "scans", Path("/srv/share"))


def test_the_root_is_named_by_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPLIANCE_HOME", str(home))
    assert load_settings().home == home


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_environment_the_root_is_the_checkout(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("APPLIANCE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("APPLIANCE_HOME", value)
    assert load_settings().home == CHECKOUT


def test_a_relative_root_is_made_absolute_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)
    monkeypatch.setenv("APPLIANCE_HOME", home.name)
    settings = load_settings()
    monkeypatch.chdir("/")
    assert settings.inbox_paths == (home / "inbox",)


@pytest.mark.parametrize("name", ["SETTLE_SECONDS", "settle_seconds", "APPLIANCE_SETTLE_SECONDS", "APPLIANCE_INBOXES"])
def test_no_other_part_of_the_environment_is_read(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "77")
    assert load_settings(home) == Settings(home=home)


def test_settings_cannot_be_changed_later(settings: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.workers = 3  # type: ignore[misc]


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.endswith("_seconds")])
def test_a_time_says_what_it_is_for(name: str) -> None:
    assert Settings.model_fields[name].description


def test_there_is_at_least_one_worker(settings: Settings) -> None:
    assert settings.worker_count >= 1
    assert Settings(home=settings.home, workers=3).worker_count == 3
