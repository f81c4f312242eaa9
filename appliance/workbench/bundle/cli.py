"""``appliance bundle …``: thin commands of the publisher's side."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.settings import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ROOT_YEARS = 10
_FACTORY_YEARS = 30

_stdin = click.option(
    "--passphrase-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the passphrases from standard input, one a line in the order they are needed; a single one is for all.",
)
_root_days = click.option(
    "--days", type=click.IntRange(min=1), default=365 * _ROOT_YEARS, show_default=True, help="How long the root holds."
)


@click.group()
def bundle() -> None:
    """Make and sign bundles, and keep the keys they are signed with."""


@bundle.command(epilog="Example: appliance bundle ceremony /media/keys")
@click.argument("out", type=_NEW_FOLDER)
@_root_days
@_stdin
def ceremony(out: Path, days: int, *, from_stdin: bool) -> None:
    """Make three root keys, a release key and the first root, each in a folder of its own below OUT."""
    from appliance.workbench.bundle import keys, making, roots

    names = (*roots.ROOT_KEYS, roots.RELEASE)
    for name in names:
        keys.assert_free(out / name)
    ask = _passphrases(from_stdin, new=True)
    made = [(keys.new_key(name), ask(name)) for name in names]
    for key, passphrase in made:
        keys.keep_key(key, out / key.name, passphrase)
    *three, release = [key for key, _ in made]
    data = roots.first_root(three, release, making.expiry(days))
    roots.write_root(out / "public", data)
    click.echo(_AFTER_CEREMONY.format(out=out, fingerprint=_fingerprint(data)))


@bundle.command(epilog="Example: appliance bundle make my-model --roots /media/keys/public --out .")
@click.argument("model", type=_FOLDER)
@click.option("--roots", "public", type=_FOLDER, required=True, help="The folder `public` of the ceremony.")
@click.option("--out", type=_FOLDER, default=".", show_default=True, help="Where the bundle is put.")
@click.option("--release", type=click.IntRange(min=1), help="Another number than the model folder's.")
def make(model: Path, public: Path, out: Path, release: int | None) -> None:
    """Make a bundle of a model folder, not signed yet; the same input makes the same bytes."""
    from appliance.workbench.bundle import making, roots

    draft = making.draft(model, roots.read_roots(public), release=release)
    path = out / draft.file_name
    making.write_bundle(path, making.sealed(draft, None, draft.targets.expires))
    click.echo(f"{path} is made. Sign it: appliance bundle sign {path} --key FOLDER")


@bundle.command(epilog="Example: appliance bundle sign my-model-3.bundle --key /media/release")
@click.argument("path", metavar="BUNDLE", type=_FILE)
@click.option("--key", "folder", type=_FOLDER, required=True, help="The folder of the release key.")
@click.option("--days", type=click.IntRange(min=1), default=365, show_default=True, help="How long it can be imported.")
@_stdin
def sign(path: Path, folder: Path, days: int, *, from_stdin: bool) -> None:
    """Sign a bundle, or sign it anew for more days, and verify it as a box would."""
    from appliance.updates.archive import Archive, open_bundle
    from appliance.updates.trust import parse_root
    from appliance.workbench.bundle import keys, making

    key = keys.load_key(folder, _passphrases(from_stdin)("release"))
    with Archive(open_bundle(path)) as archive:
        draft = making.opened_draft(archive)
        making.assert_release_key(key, parse_root(draft.roots[-1]))
        making.write_bundle(path, making.sealed(draft, key.signer, making.expiry(days)))
    verified = making.as_a_box_would(path, draft.roots[0])
    click.echo(f"{path} is signed: {verified.model} {verified.release}, importable until {verified.expires:%Y-%m-%d}.")
    click.echo(f"A box believes it that pins the root {_fingerprint(draft.roots[0])}.")


@bundle.command(epilog="Example: appliance bundle inspect my-model-3.bundle --root 1.root.json")
@click.argument("path", metavar="BUNDLE", type=_FILE)
@click.option("--root", type=_FILE, help="The root a box pins; without it, the bundle's own first root.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def inspect(path: Path, root: Path | None, *, as_json: bool) -> None:
    """Show what a bundle holds, and whether a box would believe it; exit 1 where it would not."""
    from appliance.workbench.bundle import showing

    shown = showing.look_into(path, root.read_bytes() if root else None)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=True))
    else:
        for line in _lines(shown):
            click.echo(line)
    sys.exit(0 if shown["good"] else 1)


@bundle.command(
    "rotate-root",
    epilog="Example: appliance bundle rotate-root public --key root-1 --key root-3 --replace root-2 /media/new",
)
@click.argument("public", type=_FOLDER)
@click.option("--key", "folders", type=_FOLDER, multiple=True, required=True, help="Folder of a root key; give two.")
@click.option(
    "--replace",
    "replaced",
    type=(str, _NEW_FOLDER),
    multiple=True,
    metavar="NAME FOLDER",
    help="Put a new key, made in FOLDER, in the place of root-1, root-2, root-3 or release.",
)
@_root_days
@_stdin
def rotate_root(
    public: Path, folders: tuple[Path, ...], replaced: tuple[tuple[str, Path], ...], days: int, *, from_stdin: bool
) -> None:
    """Follow the newest root by one with other keys, or with more time."""
    from appliance.workbench.bundle import keys, making, roots

    known = roots.read_roots(public)
    for _, folder in replaced:
        keys.assert_free(folder)
    ask, ask_new = _both_passphrases(from_stdin)
    signers = [keys.load_key(folder, ask(str(folder))) for folder in folders]
    new = [(keys.new_key(name), folder, ask_new(f"the new {name}")) for name, folder in replaced]
    by_name = {key.name: key for key, _, _ in new}
    data = roots.next_root(known[-1], signers, by_name, making.expiry(days))
    for key, folder, passphrase in new:
        keys.keep_key(key, folder, passphrase)
    path = roots.write_root(public, data)
    click.echo(f"{path} is written. Make and sign the next bundle with it: the boxes learn of it by that bundle.")
    if roots.RELEASE in by_name:
        click.echo("Until a box has imported that bundle it still believes the old release key.")


@bundle.command(epilog="Example: appliance bundle factory models/factory --out models/factory.bundle")
@click.argument("model", type=_FOLDER)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The bundle to write.")
@click.option(
    "--root",
    type=click.Path(dir_okay=False, path_type=Path),
    default=CHECKOUT / "appliance" / "updates" / "factory-root.json",
    help="Where the root is written that the package pins.",
)
def factory(model: Path, out: Path, root: Path) -> None:
    """Make the bundle a box comes with: its keys are made for it alone and dropped."""
    from appliance.files import write_whole
    from appliance.updates.archive import Archive, open_bundle
    from appliance.updates.verifier import verify_packaged
    from appliance.workbench.bundle import keys, making, roots

    *three, release = [keys.new_key(name) for name in (*roots.ROOT_KEYS, roots.RELEASE)]
    expires = making.expiry(365 * _FACTORY_YEARS)
    data = roots.first_root(three, release, expires)
    making.write_bundle(out, making.sealed(making.draft(model, [data]), release.signer, expires))
    write_whole(root, data)
    with Archive(open_bundle(out)) as archive:
        verified = verify_packaged(archive, data)
    click.echo(f"{out} holds {verified.model} {verified.release}; {root} pins the root {_fingerprint(data)}.")


def _fingerprint(root: bytes) -> str:
    from appliance.updates.trust import fingerprint

    return fingerprint(root)


def _passphrases(from_stdin: bool, *, new: bool = False) -> Callable[[str], str]:  # noqa: FBT001 - passed on
    """Return what gives the passphrase of a key by its name: a person, or the lines of standard input."""
    if not from_stdin:
        return lambda name: str(click.prompt(f"Passphrase of {name}", hide_input=True, confirmation_prompt=new))
    return _from_lines(_stdin_lines())


def _both_passphrases(from_stdin: bool) -> tuple[Callable[[str], str], Callable[[str], str]]:  # noqa: FBT001 - likewise
    """Return what gives the passphrase of an old key, and of a new one."""
    if from_stdin:
        lines = _from_lines(_stdin_lines())
        return lines, lines
    return _passphrases(False), _passphrases(False, new=True)


def _stdin_lines() -> list[str]:
    return sys.stdin.read().splitlines()


def _from_lines(lines: list[str]) -> Callable[[str], str]:
    rest: Iterator[str] = iter(lines)

    def give(name: str) -> str:
        if len(lines) == 1:
            return lines[0]
        passphrase = next(rest, None)
        if passphrase is None:
            raise click.UsageError(f"Standard input has no line for the passphrase of {name}.")
        return passphrase

    return give


def _lines(shown: dict[str, object]) -> list[str]:
    files = shown["files"]
    assert isinstance(files, dict)  # noqa: S101 - as look_into makes it
    said = [f"{name}: {value}" for name, value in shown.items() if name not in ("files", "good", "why")]
    held = [f"{length:>12}  {name}" for name, length in files.items()]
    verdict = "A box that pins this root believes it." if shown["good"] else f"A box refuses it. {shown['why']}"
    return [*said, *held, verdict]


_AFTER_CEREMONY = """\
Four keys and a root are made.

{out}/root-1, root-2, root-3
    Each onto a stick of its own, each stick to another person or safe. Two of the three are needed to
    change keys; they are needed for nothing else. Losing one is mended with the other two.
{out}/release
    Onto the stick of whoever releases models. It signs every bundle.
{out}/public
    No secret. Keep it with the models. Its 1.root.json is what each box pins:
    appliance trust pin 1.root.json

Then remove {out}/root-1, root-2, root-3 and release from this machine; the passphrases go to the people, on paper,
not onto the sticks. The fingerprint of the root, to compare on the telephone:
{fingerprint}"""
