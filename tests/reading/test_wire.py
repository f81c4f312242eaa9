"""What a worker says is believed only when it is exactly what a healthy one says."""

from __future__ import annotations

import io
import json
import struct

import pytest

from appliance.reading.base import Note, Page, Piece, Trouble
from appliance.reading.cleaning import PAGE_CHARS
from appliance.reading.mail import PIECE_BYTES
from appliance.reading.troubles import unreadable
from appliance.reading.wire import FRAME_BYTES, Answer, WorkerLostError, parse_answer, receive_frame


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


@pytest.mark.parametrize(
    "answer",
    [
        Answer("pdf", page=Page(3, "Größe \N{GRINNING FACE}\n")),
        Answer("pdf", page=Page(3, "x", frozenset({Note.HIDDEN_TEXT, Note.TURNED_TEXT}))),
        Answer("eml", piece=Piece(2, "../a", b"\0\xff" * 9, is_last=False)),
        Answer("eml", piece=Piece(3, "", None, is_last=True)),
        Answer("pdf"),
        Answer("zip", error=unreadable(Trouble.UNSUPPORTED, "zip")),
    ],
    ids=["a page", "a page with notes", "a piece", "no piece", "the end", "a trouble"],
)
def test_what_is_said_is_what_is_heard(answer: Answer) -> None:
    heard = parse_answer(receive_frame(io.BytesIO(answer.encode()).read))
    assert (heard.kind, heard.page, heard.piece) == (answer.kind, answer.page, answer.piece)
    assert str(heard.error) == str(answer.error)


def test_the_longest_piece_fits_a_frame() -> None:
    piece = Piece(1, "\N{GRINNING FACE}" * 1_000, bytes(PIECE_BYTES), is_last=True)
    assert len(Answer("eml", piece=piece).encode()) < FRAME_BYTES


def test_the_longest_page_fits_a_frame() -> None:
    assert len(Answer("text", page=Page(1, "\N{GRINNING FACE}" * PAGE_CHARS)).encode()) < FRAME_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'"' + b"[" * 100_000,
        b"[" * 100_000,
        *(
            json.dumps(message).encode()
            for message in (
                {},
                {"kind": 5},
                {"kind": "<b>"},
                {"kind": "pdf", "page": [0, "x"]},
                {"kind": "pdf", "page": [1, 2]},
                {"kind": "pdf", "page": [True, "x"]},
                {"kind": "pdf", "page": [1, "x"], "more": 1},
                {"kind": "pdf", "page": [1, "x", "no such note"]},
                {"kind": "pdf", "page": [1, "x", ["hidden_text"]]},
                {"kind": "pdf", "page": [1, "\x1b[31m"]},
                {"kind": "pdf", "page": [1, "\ud800"]},
                {"kind": "pdf", "page": [1, "x" * (PAGE_CHARS + 1)]},
                {"kind": "eml", "piece": [0, "a", "", True]},
                {"kind": "eml", "piece": [1, "a", "", 1]},
                {"kind": "eml", "piece": [1, "a", 5, True]},
                {"kind": "eml", "piece": [1, "a", "no base64", True]},
                {"kind": "eml", "piece": [1, "a" * 1_001, "", True]},
                {"kind": "pdf", "trouble": ["no such", "pdf"]},
                {"kind": "pdf", "trouble": ["damaged", "<b>"]},
            )
        ),
    ],
)
def test_anything_else_is_a_lost_worker(body: bytes) -> None:
    with pytest.raises(WorkerLostError):
        parse_answer(body)


def test_a_length_is_checked_before_a_byte_is_waited_for() -> None:
    asked = []

    def receive(most: int) -> bytes:
        asked.append(most)
        return struct.pack(">I", FRAME_BYTES + 1)

    with pytest.raises(WorkerLostError, match="bytes"):
        receive_frame(receive)
    assert len(asked) == 1


@pytest.mark.parametrize("stream", [b"", b"\0\0", framed(b"{}")[:-1], framed(b"{}") + b"x"])
def test_a_stream_that_is_not_one_frame_is_a_lost_worker(stream: bytes) -> None:
    with pytest.raises(WorkerLostError):
        receive_frame(io.BytesIO(stream).read)


def test_a_frame_may_come_in_small_parts() -> None:
    stream = io.BytesIO(framed(b'{"kind":"pdf"}'))
    assert receive_frame(lambda _: stream.read(1)) == b'{"kind":"pdf"}'
