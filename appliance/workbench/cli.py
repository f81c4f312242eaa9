"""``appliance workbench …``: thin commands over the steps of a build."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from appliance.console import print_table
from appliance.settings import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.classify import Classifier
    from appliance.workbench.steps import Steps
    from appliance.workbench.work import Work

_Command = TypeVar("_Command", bound="Callable[..., None]")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_MODEL = CHECKOUT / "models" / "factory.bundle"
_MODEL_FILES = click.Path(exists=True, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)

GPU_PROVIDERS = ("tensorrt", "cuda")
"""Execution providers that files can be made for beside the CPU's."""


def _places(command: _Command) -> _Command:
    """The two folders that every step works on."""
    work = click.option(
        "--work", type=_NEW_FOLDER, required=True, help="Work folder, outside the checkout; found again on a rerun."
    )
    corpus = click.option("--corpus", type=_FOLDER, required=True, help="Labelled documents with their labels.csv.")
    return corpus(work(command))


_halved = click.option("--bfloat16", "halved", is_flag=True, help="Train in bfloat16, on a CPU that is fast at it.")


def _steps(corpus: Path, work: Path, *, halved: bool = False) -> Steps:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the libraries are loaded; they must not even try
    from appliance.workbench.steps import Steps
    from appliance.workbench.training import Recipe
    from appliance.workbench.work import Build, encoder_folder

    return Steps(Build(_work(corpus, work), encoder_folder(), Recipe(halved=halved)))


def _model(command: _Command) -> _Command:
    """The model that is measured."""
    return click.option(
        "--model",
        type=_MODEL_FILES,
        default=_MODEL,
        show_default="the factory's",
        help="Bundle or model folder to ask.",
    )(command)


def _providers(_context: click.Context, _parameter: click.Parameter, given: str) -> tuple[str, ...]:
    """Names parted by commas, each once."""
    names = tuple(dict.fromkeys(filter(None, (name.strip() for name in given.split(",")))))
    unknown = [name for name in names if name not in GPU_PROVIDERS]
    if unknown:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(GPU_PROVIDERS)}.")
    return names


def _say(figures: dict[str, Any]) -> None:
    click.echo(json.dumps(figures, indent=1))


@click.group()
def workbench() -> None:
    """Make a model: texts, train, export, quantise, calibrate, evaluate, build.

    Each step does the ones before it where they are missing and finds again what is there.
    """


@workbench.command()
@_places
def texts(corpus: Path, work: Path) -> None:
    """Read the opening of every document once and keep it in the work folder.

    Example: appliance workbench texts --corpus ../shared/corpus --work /var/tmp/factory
    """
    steps = _steps(corpus, work)
    counts = {"dev": len(steps.work.dev().texts), "test": len(steps.work.test().texts)}
    _say({**counts, "strangers": len(steps.work.strangers())})


@workbench.command()
@_places
@_halved
def train(corpus: Path, work: Path, *, halved: bool) -> None:
    """Train a network a fold, and the final one.

    Example: appliance workbench train --corpus ../shared/corpus --work /var/tmp/factory
    """
    _steps(corpus, work, halved=halved).train()


@workbench.command()
@_places
def export(corpus: Path, work: Path) -> None:
    """Export the final network's encoder to ONNX and fuse it.

    Example: appliance workbench export --corpus ../shared/corpus --work /var/tmp/factory
    """
    from appliance.workbench.export import export_encoder

    steps = _steps(corpus, work)
    steps.train()
    folder = work / "final"
    click.echo(export_encoder(folder, steps.build.encoder, folder))


@workbench.command()
@_places
def quantise(corpus: Path, work: Path) -> None:
    """Quantise the final network to INT8, with and without the reduced range, and assemble its graphs.

    Example: appliance workbench quantise --corpus ../shared/corpus --work /var/tmp/factory
    """
    steps = _steps(corpus, work)
    steps.train()
    packed = steps.pack_final()
    _say({path.name: path.stat().st_size for path in sorted(packed.folder.glob("*.onnx"))})


@workbench.command()
@_places
def calibrate(corpus: Path, work: Path) -> None:
    """Fit weights, temperatures, floor and threshold on out-of-fold answers of the INT8 graphs.

    Example: appliance workbench calibrate --corpus ../shared/corpus --work /var/tmp/factory
    """
    steps = _steps(corpus, work)
    steps.train()
    _say(steps.calibrate())


@workbench.command()
@_places
def evaluate(corpus: Path, work: Path) -> None:
    """Measure the calibrated model on the untouched test split and on strangers.

    Example: appliance workbench evaluate --corpus ../shared/corpus --work /var/tmp/factory
    """
    steps = _steps(corpus, work)
    steps.train()
    steps.calibrate()
    _say(steps.evaluate())


@workbench.command()
@click.option(
    "--model", type=_MODEL_FILES, required=True, help="A model folder that `build` wrote, or the factory bundle."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The page to write.")
def report(model: Path, out: Path) -> None:
    """Draw a built model's evaluation on documents it was not taught, from the figures it carries.

    Example: appliance workbench report --model models/factory.bundle --out docs/factory-report.html
    """
    from appliance.workbench.report import write_report

    write_report(model, out)
    click.echo(f"The report lies at {out}.")


@workbench.command()
@_places
@click.option("--out", type=_NEW_FOLDER, required=True, help="The model folder to write; replaced if it is there.")
@click.option("--release", type=click.IntRange(min=1), default=1, show_default=True, help="The model's number.")
@click.option(
    "--providers",
    default="",
    callback=_providers,
    help="Execution providers beside the CPU to make files for: tensorrt, cuda, or both with a comma.",
)
@_halved
def build(  # noqa: PLR0913 - an option each
    corpus: Path, work: Path, out: Path, release: int, *, providers: tuple[str, ...], halved: bool
) -> None:
    """Do every step and write the model folder.

    Example: appliance workbench build --corpus ../shared/corpus --work /var/tmp/factory --out factory-model
    """
    from appliance.workbench.factory import write_factory
    from appliance.workbench.variants import prove_files

    made = _steps(corpus, work, halved=halved)
    made.train()
    made.calibrate()
    made.evaluate()
    write_factory(made, made.pack_final(), out, release=release, providers=providers)
    prove_files(out)
    click.echo(f"{out} holds the model; it has proven itself here.")


@workbench.command()
@_places
def rivals(corpus: Path, work: Path) -> None:
    """Set the model beside simpler recipes, on the documents each was not taught.

    Example: appliance workbench rivals --corpus ../shared/corpus --work /var/tmp/factory
    """
    from appliance.workbench.rivals import HEADER
    from appliance.workbench.rivals import rivals as rows

    print_table(HEADER, list(rows(_steps(corpus, work))))


@workbench.command()
@_places
@_model
@click.option("--folds", is_flag=True, help="Ask the networks of the folds about the documents to tune on instead.")
@click.option("--count", type=click.IntRange(min=1), help="So many documents; all by default.")
@click.option(
    "--scans", type=click.IntRange(min=0), default=60, show_default=True, help="So many as each kind of scan."
)
@click.option("--misses", is_flag=True, help="Also list each document that another format turns wrong or unsure.")
def formats(corpus: Path, work: Path, model: Path, count: int | None, scans: int, *, folds: bool, misses: bool) -> None:  # noqa: PLR0913 - an option each
    """Measure a model on held-out documents rendered in every format they do not stand in.

    Example: appliance workbench formats --corpus ../shared/corpus --work /var/tmp/factory --folds
    """
    from appliance.workbench.formats import shift
    from appliance.workbench.formats.hearing import Hearings

    if folds:
        from appliance.workbench.folds import models_of_folds

        steps = _steps(corpus, work)
        part, model_of = steps.work.dev(), models_of_folds(steps)
    else:
        part, model_of = _work(corpus, work).test(), _always(model)
    chosen = {document.sha256 for document in shift.sampled(part.documents, count or len(part.documents))}
    documents = [pair for pair in zip(part.documents, part.texts, strict=True) if pair[0].sha256 in chosen]
    found = shift.answered(corpus, documents, Hearings(work / "heard.jsonl"), model_of, scans)
    print_table(shift.HEADER, [row.cells() for row in shift.table(found)])
    for line in map(shift.told, shift.misses(found) if misses else ()):
        click.echo(line)


@workbench.command()
@_places
@_model
@click.option("--everything", is_flag=True, help="Also the strangers by which floor and threshold were set.")
@click.option("--left-out", is_flag=True, help="Instead leave each group of labels out of the first fold in turn.")
@click.option("--retrain", is_flag=True, help="Likewise, but train an encoder without the group, minutes each.")
@click.option("--group", "only", multiple=True, help="With either: this group of labels; all by default.")
def unknown(  # noqa: PLR0913 - an option each
    corpus: Path, work: Path, model: Path, *, everything: bool, left_out: bool, retrain: bool, only: tuple[str, ...]
) -> None:
    """Measure what a model does with documents of no class: the corpus's strangers, and what an office drops.

    Example: appliance workbench unknown --corpus ../shared/corpus --work /var/tmp/factory
    """
    if left_out or retrain:
        from appliance.workbench import heldout

        build = _steps(corpus, work).build
        groups = only or heldout.groups_of(build.work.labels())
        rows = [heldout.LeftOut(build, group).row(retrain=retrain) for group in groups]
        print_table(heldout.HEADER, [row.cells() for row in rows])
        return
    from appliance.updates.bundled import load_factory
    from appliance.workbench import unknown

    place, classifier = _work(corpus, work), load_factory(model)
    known = unknown.ask(classifier, "held out, known", place.test().texts)
    whole, kinds = unknown.ask_kinds(classifier, place.strangers_by_kind(setting=everything, judging=True))
    print_table(unknown.HEADER, [known.cells(), *(group.cells(known) for group in (whole, *kinds))])


def _work(corpus: Path, work: Path) -> Work:
    from appliance.workbench.work import Work

    work.mkdir(parents=True, exist_ok=True)
    return Work(corpus, work)


def _always(model: Path) -> Callable[[object], Classifier]:
    """One model for every document."""
    from appliance.updates.bundled import load_factory

    loaded = load_factory(model)
    return lambda _: loaded
