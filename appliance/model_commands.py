"""``appliance model …`` and ``appliance trust …``: which model answers, and whose bundles this box takes."""

from __future__ import annotations

import os
import pwd
import sqlite3
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from appliance import console
from appliance.names import clean_name
from appliance.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.classify import Classifier
    from appliance.ledger import Ledger
    from appliance.settings import Settings
    from appliance.updates.house import House
    from appliance.updates.inferiority import Pair
    from appliance.updates.ladder import Means
    from appliance.updates.rungs import Outcome

_Command = TypeVar("_Command", bound="Callable[..., None]")

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")


def _who(command: _Command) -> _Command:
    """Who acts, for the record."""
    return click.option("--as", "who", metavar="NAME", default=_user, help="Who acts, for the record; default: you.")(
        command
    )


def _user() -> str:
    """The name of whoever runs the command, as the system knows it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


@click.group()
def model() -> None:
    """Import models, choose which one answers, and go back."""


@model.command("import", epilog="Example: appliance model import /run/appliance/sticks/sdb1/firm-3.bundle")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--activate",
    type=click.Choice(["now", "hold"]),
    default="now",
    show_default=True,
    help="Let it answer from the next document on, or keep it until `appliance model activate`.",
)
@_who
@as_json
def import_(bundle: Path, activate: str, who: str, *, as_json: bool) -> None:
    """Prove a signed bundle on this box, rung by rung, and let its model answer.

    Each rung is printed with what it measured against its limit. A bundle that
    is refused changes nothing.
    """
    from appliance.updates.ladder import Ladder, RefusedError

    settings = load_settings()
    with _opened_ledger(settings) as ledger:
        ladder = Ladder(_house(settings), ledger, _means(settings, ledger), partial(_say, as_json=as_json))
        try:
            imported = ladder.climb(bundle, who, hold=activate == "hold")
        except RefusedError as refused:
            if not as_json:
                raise
            console.print_json({"accepted": False, "why": str(refused)})
            sys.exit(refused.exit_code)
    if as_json:
        told = {"model": imported.model, "slot": imported.slot, "active": imported.active}
        console.print_json({"accepted": True, **told})
    elif activate == "hold":
        click.echo(f"{imported.model} is held in slot {imported.slot}; {imported.active} answers as before.")
    else:
        click.echo(f"{imported.model} answers from the next document on.")


def _say(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        console.print_json(outcome.as_dict())
        return
    limit = f" (limit: {outcome.limit})" if outcome.limit else ""
    click.echo(
        f"{int(outcome.rung):>2}  {outcome.rung.name.lower():<9}  {outcome.result:<7}  {outcome.measured}{limit}"
    )


@model.command("list", epilog="Example: appliance model list")
@as_json
def list_(*, as_json: bool) -> None:
    """List the models on this box, newest first, and what each is to it."""
    from appliance.updates.inventory import inventory

    found = inventory(_house(load_settings()))
    if as_json:
        for one in found:
            console.print_json(one.as_dict())
        return
    rows = [(one.slot or "-", one.model, one.role, one.why) for one in found]
    console.print_table(("slot", "model", "is", "why"), rows)


@model.command(epilog="Example: appliance model status --json")
@as_json
def status(*, as_json: bool) -> None:
    """Say which model answers, on which execution provider."""
    from appliance.updates.serving import load_active, loader

    settings = load_settings()
    house = _house(settings)
    serving = load_active(house, loader(settings))
    classifier, fallback, state = serving.model, house.fallback_id(serving.slot), house.state()
    if as_json:
        told = {"active": classifier.model_id, "fallback": fallback, "provider": classifier.provider}
        passed_over = [{"provider": passed.provider, "why": passed.why} for passed in classifier.passed_over]
        console.print_json({**told, "floor": house.floor(), "passed_over": passed_over})
        return
    where = f"slot {serving.slot}" if serving.slot else "the model the box came with"
    click.echo(f"Active: {classifier.model_id}, {len(classifier.labels)} labels, on {classifier.provider}; {where}.")
    if house.is_unconfirmed(serving.slot):
        click.echo(f"It is not confirmed yet: started {state.tries} times.")
    click.echo(f"Fallback: {fallback or 'none; this is the model the box came with'}.")
    click.echo(f"Floor: release {house.floor()}; a bundle of a lower one is refused.")
    for name, why in serving.passed_over:
        click.echo(f"Passed over: slot {name}. {why}")
    for passed in classifier.passed_over:
        click.echo(f"Passed over: {passed.provider}. {passed.why}")


@model.command(epilog="Example: appliance model history --limit 10")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many, newest first."
)
@as_json
def history(limit: int, *, as_json: bool) -> None:
    """List the imports of bundles, accepted and refused: who, when, which rung, why."""
    with _opened_ledger(load_settings()) as ledger:
        found = ledger.imports(limit)
    if as_json:
        for one in found:
            console.print_json(one)
        return
    columns = ("at", "actor", "bundle", "model", "outcome", "rung", "why")
    console.print_table(columns, [[clean_name(str(one[name] or "").encode()) for name in columns] for one in found])


@model.command(epilog="Example: appliance model activate 0004")
@click.argument("slot", required=False)
@_who
def activate(slot: str | None, who: str) -> None:
    """Let a held model answer; without a slot the newest that is held."""
    settings = load_settings()
    house = _house(settings)
    with _opened_ledger(settings) as ledger:
        change = house.activate(slot)
        ledger.note("model_activated", change.as_dict(), who)
    click.echo(f"{change.model} answers from the next document on.")


@model.command(epilog='Example: appliance model rollback --why "it takes invoices for receipts"')
@click.argument("slot", required=False)
@click.option("--why", default="", help="For the record.")
@_who
def rollback(slot: str | None, why: str, who: str) -> None:
    """Go back to the model before, to any kept slot, or with `factory` to the model the box came with."""
    settings = load_settings()
    house = _house(settings)
    with _opened_ledger(settings) as ledger:
        change = house.roll_back(slot)
        ledger.note("model_rolled_back", {**change.as_dict(), "why": why}, who)
    click.echo(f"{change.model} answers from the next document on.")


@model.command(epilog="Example: appliance model discard 0003")
@click.argument("slot")
@_who
def discard(slot: str, who: str) -> None:
    """Remove a slot that neither answers nor is the fallback."""
    settings = load_settings()
    with _opened_ledger(settings) as ledger:
        change = _house(settings).discard(slot)
        ledger.note("model_discarded", change.as_dict(), who)
    click.echo(f"{change.model} is gone from slot {slot}.")


@model.command(epilog="Example: appliance model offered")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@as_json
def offered(folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Show the bundles on the sticks that are put in; none is ever installed by itself."""
    from appliance.updates.sticks import offers

    settings = load_settings()
    house = _house(settings)
    found = offers(folders or (settings.sticks,), house.trust(), house.floor())
    for offer in found:
        if as_json:
            console.print_json(offer.as_dict())
        else:
            click.echo(f"{offer.shown}: {offer.said}")
    if not found and not as_json:
        click.echo("No bundle is offered. Put a stick in; a bundle lies at its top and ends in .bundle.")


@click.group()
def trust() -> None:
    """Whose bundles this box takes."""


@trust.command(epilog="Example: appliance trust show")
@as_json
def show(*, as_json: bool) -> None:
    """Show the root that bundles must be signed under."""
    told = _house(load_settings()).trust().described()
    if as_json:
        console.print_json(told)
        return
    origin = "the one the box came with; it signs no other bundle" if told["packaged"] else "the site's own"
    click.echo(f"Root: {told['root']}")
    click.echo(f"It is {origin}. Version {told['version']}, expires {told['expires'][:10]}.")
    click.echo(f"{told['threshold']} of {len(told['keys']['root'])} root keys must sign the next one.")
    if told["pinned"]:
        click.echo(f"Pinned by {told['pinned']['by']} at {told['pinned']['at']}.")


@trust.command(epilog="Example: appliance trust pin 1.root.json")
@click.argument("root", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_who
def pin(root: Path, who: str) -> None:
    """Trust a publisher's root from now on: at installation, or after its keys were lost.

    Compare the fingerprint with the one the publisher told you by another way.
    """
    from appliance.updates.trust import LARGEST_ROOT_BYTES, fingerprint

    settings = load_settings()
    with root.open("rb") as file:
        data = file.read(LARGEST_ROOT_BYTES + 1)
    with _opened_ledger(settings) as ledger:
        _house(settings).pin(data, who)
        ledger.note("trust_pinned", {"root": fingerprint(data)}, who)
    click.echo(f"Pinned. Its fingerprint is {fingerprint(data)}.")


def _house(settings: Settings) -> House:
    from appliance.updates.house import House

    return House.of(settings)


@contextmanager
def _opened_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger for one command; made where there is none yet.

    Raises:
        LedgerError: It cannot be opened, or did not take the record.
    """
    from appliance.ledger import Ledger, LedgerError

    try:
        with Ledger(settings.ledger_path) as ledger:
            yield ledger
    except sqlite3.Error as error:
        raise LedgerError(
            "The ledger did not take the record.",
            f"SQLite says: {error}.",
            "What was asked for may be done: look at `appliance model status`; then make room or mend the disk.",
        ) from error


def _means(settings: Settings, ledger: Ledger) -> Means:
    """Put together what the ladder needs of this box."""
    from appliance.updates.ladder import Means
    from appliance.updates.rungs import Limits
    from appliance.updates.serving import plain_loader

    limits = Limits(settings.latency_ratio, settings.model_memory_bytes, settings.accuracy_margin)
    answer = partial(_answers_on_reviewed, settings, ledger)
    return Means(limits, settings.reserve_bytes, settings.kept_slots, plain_loader(settings), answer)


def _answers_on_reviewed(settings: Settings, ledger: Ledger, candidate: Classifier, active: Classifier) -> list[Pair]:
    """Have both models answer what people reviewed here; the readers are started only where there is something."""
    from appliance.service import open_reader
    from appliance.updates.paired import MOST_DOCUMENTS, pairs_of

    reviewed = ledger.reviewed(MOST_DOCUMENTS)
    if not reviewed:
        return []
    with open_reader(settings) as reader:
        return pairs_of(
            reviewed,
            home=settings.home,
            reader=reader,
            candidate=candidate,
            active=active,
            threads=settings.worker_count,
        )
