"""The command line: each command checks its arguments, calls one room, and prints.

Exit codes: 0 done, 1 the work found something wrong, 2 wrong use. An error is
three sentences on stderr: what, why, what to do.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from appliance import __version__, console
from appliance.errors import ApplianceError, UsageError
from appliance.ledger import Queries, State
from appliance.model_commands import model, trust
from appliance.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.answer import Reading
    from appliance.classify import Classifier
    from appliance.ledger import Document, Waiting
    from appliance.settings import Settings

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
PATH = click.Path(exists=True, path_type=Path)


class Group(click.Group):
    """Loads the build side only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, those of the build side among them."""
        return [*super().list_commands(ctx), "bundle", "workbench"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        if cmd_name == "bundle":
            from appliance.workbench.bundle import bundle

            return bundle
        if cmd_name == "workbench":
            from appliance.workbench import workbench

            return workbench
        return super().get_command(ctx, cmd_name)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
def cli() -> None:
    """An offline document classifier: drop files in, each is read, classified and filed.

    All run-time data lies under one root: the folder named by APPLIANCE_HOME,
    or the checkout's own.
    """


@cli.command(epilog="Example: appliance run --once")
@click.option("--once", is_flag=True, help="Work off the inbox, then exit.")
def run(*, once: bool) -> None:
    """Run the box and its review desk until it is told to stop."""
    from appliance import logs, service

    settings = load_settings()
    logs.start_logging(settings.log_level)
    sys.exit(service.work_off(settings) if once else service.serve(settings, click.echo))


@cli.command(epilog="Example: appliance classify --json scan.pdf letters/")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("--why", is_flag=True, help="Look for the words that weighed most, too; half a second a document.")
@as_json
def classify(paths: tuple[Path, ...], *, why: bool, as_json: bool) -> None:
    """Say what the box would make of files or whole folders; nothing is filed or written."""
    from appliance import evaluation

    files = [file for path in paths for file in _files_at(path)]
    settings = load_settings()
    with _reading(settings) as reading, console.progress("Reading", len(files)) as step:
        answers = evaluation.answers_for(files, reading, settings.worker_count, why=why)
        for file, verdict in zip(files, answers, strict=True):
            shown = os.fsencode(file).decode(errors="backslashreplace")
            if as_json:
                console.print_json(console.verdict_json(shown, verdict))
            else:
                click.echo(f"{shown}: {verdict.reason}")
                console.print_words(verdict.passage if why else None, verdict.words or ())
            step()


@cli.command(epilog="Example: appliance evaluate our-labelled-folder/ --report evaluation.html")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a page of figures and charts.")
@as_json
def evaluate(folder: Path, *, report: Path | None, as_json: bool) -> None:
    """Judge the box on a labelled folder: labels.csv with the columns path and label.

    A label left empty says that a document is of no label the box could know.
    """
    from appliance import evaluation

    settings = load_settings()
    length = len(evaluation.read_examples(folder))
    with _reading(settings) as reading, console.progress("Evaluating", length) as step:
        judged = evaluation.judge_folder(folder, reading, settings.worker_count, step)
        classifier = cast("Classifier", reading.model)
    if as_json:
        kept = {"threshold": classifier.calibration.threshold, "error_budget": classifier.calibration.error_budget}
        console.print_json({**judged.as_dict(), **kept})
    else:
        console.print_evaluation(judged, classifier.calibration)
    if report is not None:
        title = os.fsencode(folder.resolve().name).decode(errors="backslashreplace")
        evaluation.write_report(report, f"Evaluation of {title}", judged, classifier)
        click.echo(f"The report lies at {report}.", err=as_json)


@cli.command(epilog="Example: appliance documents --label contract --limit 20")
@click.option("--label", help="Only those filed under this label or below it.")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, newest first.")
@as_json
def documents(*, label: str | None, state: str | None, limit: int | None, as_json: bool) -> None:
    """List what the ledger knows, newest first."""
    settings = load_settings()
    with Queries.read_only(settings.ledger_path) as ledger:
        found = ledger.documents(label=label, state=State(state) if state else None, limit=limit)
        if as_json:
            for document in found:
                console.print_json(document.as_json(settings.home))
            return
        rows = [console.document_row(document) for document in found]
    console.print_table(("id", "arrived", "name", "state", "label", "sure", "where"), rows)


@cli.command(epilog='Example: appliance show 12, or: appliance show "lease-final.docx"')
@click.argument("document")
@as_json
def show(document: str, *, as_json: bool) -> None:
    """Tell what happened to a document, by its number or the name it arrived under.

    A file that was seen in the inbox and not taken says what it waits for.
    """
    settings = load_settings()
    with Queries.read_only(settings.ledger_path) as ledger:
        waiting, found = _receipts(ledger, document)
        for each in waiting:
            if as_json:
                console.print_json(console.waiting_json(each))
            else:
                console.print_waiting(each)
        for one in found:
            history, decisions, parts = ledger.history(one.id), ledger.decisions(one.id), ledger.parts(one.id)
            if as_json:
                told = {"attachments": [part.id for part in parts], "decisions": decisions, "history": history}
                console.print_json({**one.as_json(settings.home), **told})
            else:
                console.print_document(one, decisions, history, parts)


@cli.command(epilog="Example: appliance check && echo all is well")
@as_json
def check(*, as_json: bool) -> None:
    """Prove every row of the ledger against the disk, and the audit chain."""
    from appliance.filing import Check

    settings = load_settings()
    with Queries.read_only(settings.ledger_path) as ledger, console.progress("Checking") as step:
        problems = list(Check(settings.home, ledger, step).problems())
        total = sum(ledger.counts().values())
    if as_json:
        console.print_json({"ok": not problems, "documents": total, "problems": problems})
    else:
        for problem in problems:
            click.echo(problem)
        if not problems:
            click.echo(f"All is well: {total} documents, each where the ledger says, and the audit chain holds.")
    sys.exit(1 if problems else 0)


@cli.command(epilog="Example: appliance doctor")
@as_json
def doctor(*, as_json: bool) -> None:
    """Say whether this box can do its work, and what to do where it cannot."""
    from appliance.health import Level, examine

    bad = False
    for finding in examine(load_settings()):
        bad = bad or finding.level is Level.PROBLEM
        if as_json:
            console.print_json({"name": finding.name, "level": str(finding.level), "detail": finding.detail})
        else:
            click.echo(f"{finding.level:<8} {finding.name}: {finding.detail}")
    sys.exit(1 if bad else 0)


cli.add_command(model)
cli.add_command(trust)


@contextmanager
def _reading(settings: Settings) -> Iterator[Reading]:
    """Open what answers documents, with nothing of the ledger."""
    from appliance.service import opened_reading

    with opened_reading(settings) as reading:
        yield reading


def _files_at(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for found, folders, names in os.walk(path):
        folders.sort()
        files = (Path(found, name) for name in sorted(names))
        yield from (file for file in files if file.is_file() and not file.is_symlink())


def _receipts(ledger: Queries, document: str) -> tuple[list[Waiting], list[Document]]:
    """Find what is known under a number or a name: files that wait in an inbox, and documents."""
    if document.isascii() and document.isdecimal() and not ledger.named(document):
        return [], [ledger.document(int(document))]
    waiting, found = ledger.waiting(document), ledger.named(document)
    if not waiting and not found:
        raise UsageError(
            f"No file was ever seen under the name {document!r}.",
            "The ledger has no such row, and the box notes what lies in its inboxes at every sweep.",
            "Look whether it lies in the inbox; `appliance documents` lists every document.",
        )
    return waiting, found


def main() -> None:
    """Run the command line; every expected failure becomes its sentences and its exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except ApplianceError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        click.echo(f"{_refused(error)}", err=True)
        sys.exit(ApplianceError.exit_code)
    sys.exit(code or 0)


def _refused(error: OSError) -> ApplianceError:
    """Explain what the system refused: a disk that is full, failing or read-only, or rights that are missing."""
    where = f" with {os.fsdecode(error.filename)!r}" if error.filename else ""
    return ApplianceError(
        f"The box cannot do its work{where}.",
        f"The system says: {error.strerror}.",
        "Check the disk and its rights, then try again; documents stay where they are.",
    )
