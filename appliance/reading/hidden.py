"""Text of a PDF page that nobody who looks at the page sees, found among its drawn objects.

It can fool a classifier, so it is taken out of the open page before the text
is read, and noted. Hidden is what is drawn invisibly, transparently, in the
colour of what lies under it, too small to read, or beside the page. Invisible
text over a picture is what a scanner's software recognised there: it stays,
with a note of its own. What cannot be told (a pattern, a gradient or a picture
under the text, text that serves as a clip) counts as seen; so does dark text on
a dark ground. The file itself is never changed.

An ordinary page is looked at only where every 32nd letter stands, so hidden
text of that length cannot be missed; what is suspicious there has the whole
page looked at.
"""

from __future__ import annotations

from ctypes import POINTER, addressof, byref, c_float, c_int, c_uint, c_ushort, cast, create_string_buffer
from typing import TYPE_CHECKING, NamedTuple

from pypdfium2 import raw

from appliance.reading.base import Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SEEN_ALPHA = 13
"""Five hundredths of full opacity: below it nothing shows."""

LIGHT = 230
"""A colour of which no part is darker than this does not show on white paper."""

SAME = 25
"""Two colours that differ by less in every part cannot be told apart."""

READABLE_POINTS = 0.9
"""Mean of a letter's height and width; that of two-point type is about 1.2."""

SMALL_POINTS = 2.0
STRIDE = 32
"""Letters from one look to the next; each look costs some 3 µs."""

NESTED = 8
"""Forms within forms are followed so deep."""

_INVISIBLE = raw.FPDF_TEXTRENDERMODE_INVISIBLE
IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
Matrix = tuple[float, float, float, float, float, float]


class Box(NamedTuple):
    """A rectangle on the page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def shows(self, centre: tuple[float, float]) -> bool:
        """Say whether a point lies in it."""
        return self.left <= centre[0] <= self.right and self.bottom <= centre[1] <= self.top

    def meets(self, other: Box) -> bool:
        """Say whether two share anything."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


class _Drawn(NamedTuple):
    order: int
    kind: int
    handle: Any
    form: Any
    matrix: Matrix

    def box(self) -> Box | None:
        left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
        if not raw.FPDFPageObj_GetBounds(self.handle, byref(left), byref(bottom), byref(right), byref(top)):
            return None
        box = Box(left.value, bottom.value, right.value, top.value)
        return box if self.matrix == IDENTITY else _moved(box, self.matrix)

    def colour(self) -> tuple[int, int, int, int] | None:
        red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
        if not raw.FPDFPageObj_GetFillColor(self.handle, byref(red), byref(green), byref(blue), byref(alpha)):
            return None
        return red.value, green.value, blue.value, alpha.value


def take_out_hidden(page: Any, text_page: Any) -> tuple[bool, frozenset[Note]]:  # noqa: ANN401 - handles of pdfium
    """Take the hidden text out of an open page.

    Args:
        page: The page.
        text_page: Its text as it is with what is hidden; to be opened anew where something was taken out.

    Returns:
        Whether something was taken out, and what there is to note.
    """
    paper = _paper(page)
    if not _is_suspicious(text_page, paper):
        return False, frozenset()
    suspects = [(drawn, box) for drawn in _drawn(page) if (box := _suspicious(drawn, paper))]
    spoken = [(drawn, box, said) for drawn, box in suspects if (said := _letters(drawn, text_page))]
    if not spoken:
        return False, frozenset()
    ground = _Ground(page)
    notes, hidden = set(), []
    for drawn, box, said in spoken:
        if note := _judged(drawn, box, said, paper, ground):
            notes.add(note)
            hidden += [drawn] if note is Note.HIDDEN_TEXT else []
    for drawn in hidden:
        if drawn.form is None:
            raw.FPDFPage_RemoveObject(page, drawn.handle)
        else:
            raw.FPDFFormObj_RemoveObject(drawn.form, drawn.handle)
    return bool(hidden), frozenset(notes)


def _is_suspicious(text_page: Any, paper: Box) -> bool:  # noqa: ANN401 - a handle of pdfium
    """Look at every so manieth letter; tight, because every page of every document pays for it."""
    letter_box = raw.FS_RECTF()
    parts = red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    places, box_place, last = [byref(part) for part in parts], byref(letter_box), 0
    for letter in range(0, raw.FPDFText_CountChars(text_page), STRIDE):
        drawn = raw.FPDFText_GetTextObject(text_page, letter)
        if not drawn:
            continue  # a blank that pdfium put in by itself
        raw.FPDFText_GetLooseCharBox(text_page, letter, box_place)
        left, top, right, bottom = letter_box.left, letter_box.top, letter_box.right, letter_box.bottom
        outside = left > paper.right or right < paper.left or bottom > paper.top or top < paper.bottom
        tiny = right - left < SMALL_POINTS and top - bottom < SMALL_POINTS
        if (outside or tiny) and not chr(raw.FPDFText_GetUnicode(text_page, letter)).isspace():
            return True
        here = addressof(drawn.contents)
        if here == last:
            continue
        last = here
        raw.FPDFPageObj_GetFillColor(drawn, *places)
        light = red.value >= LIGHT and green.value >= LIGHT and blue.value >= LIGHT
        if light or alpha.value < SEEN_ALPHA or raw.FPDFTextObj_GetTextRenderMode(drawn) == _INVISIBLE:
            return True
    return False


def _suspicious(drawn: _Drawn, paper: Box) -> Box | None:
    """Return where a piece of text stands that is worth a second look, or None where it is plainly seen."""
    if drawn.kind != raw.FPDF_PAGEOBJ_TEXT or (box := drawn.box()) is None:
        return None
    small = min(box.right - box.left, box.top - box.bottom) < SMALL_POINTS
    if small or not box.meets(paper) or raw.FPDFTextObj_GetTextRenderMode(drawn.handle) == _INVISIBLE:
        return box
    colour = drawn.colour()
    return box if colour and (min(colour[:3]) >= LIGHT or colour[3] < SEEN_ALPHA) else None


def _judged(drawn: _Drawn, box: Box, letters: int, paper: Box, ground: _Ground) -> Note | None:
    if not box.meets(paper):
        return Note.HIDDEN_TEXT
    colour, mode = drawn.colour(), raw.FPDFTextObj_GetTextRenderMode(drawn.handle)
    filled = mode in (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP)
    if mode == _INVISIBLE or (filled and colour and colour[3] < SEEN_ALPHA):
        return Note.TEXT_BEHIND_PICTURE if ground.has_picture_at(box.centre) else Note.HIDDEN_TEXT
    area = (box.right - box.left) * (box.top - box.bottom)
    if area < letters * READABLE_POINTS**2:
        return Note.HIDDEN_TEXT
    if filled and colour and min(colour[:3]) >= LIGHT and ground.is_like(colour, box.centre, drawn.order):
        return Note.HIDDEN_TEXT
    return None


class _Ground:
    """What else is painted on a page: pictures, and areas with their colours."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401 - a handle of pdfium
        self._areas: list[tuple[int, Box, tuple[int, int, int, int] | None]] = []
        self._pictures: list[Box] = []
        for drawn in _drawn(page):
            box = None if drawn.kind == raw.FPDF_PAGEOBJ_TEXT else drawn.box()
            if box is None:
                continue
            if drawn.kind == raw.FPDF_PAGEOBJ_IMAGE:
                self._pictures.append(box)
                self._areas.append((drawn.order, box, None))
            elif drawn.kind == raw.FPDF_PAGEOBJ_SHADING:
                self._areas.append((drawn.order, box, None))
            elif _is_filled(drawn):
                self._areas.append((drawn.order, box, drawn.colour()))

    def has_picture_at(self, centre: tuple[float, float]) -> bool:
        """Say whether a picture covers a point."""
        return any(box.shows(centre) for box in self._pictures)

    def is_like(self, colour: tuple[int, int, int, int], centre: tuple[float, float], order: int) -> bool:
        """Say whether something painted in a colour does not show there: over an area like it, or on bare paper."""
        under = [painted for at, box, painted in self._areas if at < order and box.shows(centre)]
        below = under[-1] if under else (255, 255, 255, 255)
        if below is None:
            return False
        return all(abs(one - other) < SAME for one, other in zip(colour[:3], below[:3], strict=True))


def _drawn(page: Any) -> Iterator[_Drawn]:  # noqa: ANN401 - a handle of pdfium
    """Yield what is drawn on a page, in the order in which it is, forms followed."""
    order = 0
    waiting = [(None, IDENTITY, iter(range(raw.FPDFPage_CountObjects(page))))]
    while waiting:
        form, matrix, numbers = waiting[-1]
        number = next(numbers, None)
        if number is None:
            waiting.pop()
            continue
        order += 1
        handle = raw.FPDFPage_GetObject(page, number) if form is None else raw.FPDFFormObj_GetObject(form, number)
        kind = raw.FPDFPageObj_GetType(handle)
        if kind != raw.FPDF_PAGEOBJ_FORM:
            yield _Drawn(order, kind, handle, form, matrix)
        elif len(waiting) <= NESTED:
            inner = iter(range(raw.FPDFFormObj_CountObjects(handle)))
            waiting.append((handle, _times(_matrix(handle), matrix), inner))


def _matrix(handle: Any) -> Matrix:  # noqa: ANN401 - a handle of pdfium
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(handle, byref(found)):
        return IDENTITY
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    k, m, n, o, p, q = outer
    return a * k + b * n, a * m + b * o, c * k + d * n, c * m + d * o, e * k + f * n + p, e * m + f * o + q


def _moved(box: Box, matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    across, up = zip(*corners, strict=True)
    return Box(min(across), min(up), max(across), max(up))


def _paper(page: Any) -> Box:  # noqa: ANN401 - a handle of pdfium
    found = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, byref(found))
    return Box(found.left, found.bottom, found.right, found.top)


def _letters(drawn: _Drawn, text_page: Any) -> int:  # noqa: ANN401 - a handle of pdfium
    """Return how many letters and digits a piece of text has: blanks and rules of dots hide nothing."""
    length = raw.FPDFTextObj_GetText(drawn.handle, text_page, None, 0)
    buffer = create_string_buffer(length)
    raw.FPDFTextObj_GetText(drawn.handle, text_page, cast(buffer, POINTER(c_ushort)), length)
    return sum(map(str.isalnum, buffer.raw.decode("utf-16-le", "ignore")))


def _is_filled(drawn: _Drawn) -> bool:
    mode, stroke = c_int(), c_int()
    if drawn.kind != raw.FPDF_PAGEOBJ_PATH or not raw.FPDFPath_GetDrawMode(drawn.handle, byref(mode), byref(stroke)):
        return False
    return bool(mode.value != raw.FPDF_FILLMODE_NONE)
