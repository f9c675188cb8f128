"""Hides the values that a run received in all that it prints, whatever form they have there.

Two looks: a fast one for eight bytes of each form, and an exact one around whatever that finds. The first
is all that ordinary output costs (docs/adr/0014). Both work on many lines at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from fastflow.domain.line_splitter import LONGEST_LINE_BYTES
from fastflow.domain.log import Output, Stream
from fastflow.domain.masking_forms import Form, forms_of
from fastflow.domain.masking_windows import WINDOW_BYTES, holders_of
from fastflow.domain.secret import MASK

_MASK: Final = MASK.encode()
_WINDOWS_AT_ONCE: Final = 64
"""The most that the fast search takes; a further one would make it ten times slower."""
_STRETCH_BYTES: Final = 256 * 1024
_DIGITS_OF_BASE64: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

Span = tuple[int, int]
Hit = tuple[int, int, int]
"""Number of the window, where it begins and where it ends."""


class Masker(Protocol):
    """Hides what must not be stored. Lines stay lines: their number never changes."""

    def outputs(self, outputs: Sequence[Output]) -> Sequence[Output]:
        """Return the outputs of an attempt, which come in order, with everything hidden."""
        ...

    def text(self, text: str) -> str:
        """Return any other text with everything hidden."""
        ...


class NothingToHide:
    """The masker of a run without secrets: it costs nothing."""

    def outputs(self, outputs: Sequence[Output]) -> Sequence[Output]:
        """Return them as they are."""
        return outputs

    def text(self, text: str) -> str:
        """Return it as it is."""
        return text


class HideAll:
    """The masker for when it can't be known what is secret: of every line only that there was one."""

    def outputs(self, outputs: Sequence[Output]) -> Sequence[Output]:
        """Return as many lines."""
        return [
            output._replace(data=_MASK if output.is_partial else (_MASK + b"\n") * output.lines)
            for output in outputs
        ]

    def text(self, text: str) -> str:
        """Return nothing of it."""
        return MASK if text else text


class SecretMasker:
    """Hides values in every form of `forms_of`.

    A line that is stored in pieces may have a value across the cut. There, whatever may be the beginning
    of a form at the end of one piece, and its end at the beginning of the next, is hidden: so no piece
    needs to be kept back, and a server that goes on after a crash hides the same.
    """

    def __init__(
        self,
        values: Iterable[str],
        *,
        cut_streams: frozenset[Stream] = frozenset(),
        longest_line_bytes: int = LONGEST_LINE_BYTES,
    ) -> None:
        """Take the values.

        `cut_streams`: those whose last stored line goes on, as far as is known; `longest_line_bytes`: where
        the `LineSplitter` cuts.
        """
        self._longest = longest_line_bytes
        self._forms: set[Form] = set()
        self._holders: defaultdict[bytes, list[tuple[Form, int]]] = defaultdict(list)
        for value in values:
            forms = forms_of(value) - self._forms
            self._forms |= forms
            for window, holders in holders_of(forms).items():
                self._holders[window] += holders
        self._windows = list(self._holders)
        self._fast = [
            BytesAhoCorasick(self._windows[start : start + _WINDOWS_AT_ONCE], MatchKind.LeftmostFirst)
            for start in range(0, len(self._windows), _WINDOWS_AT_ONCE)
        ]
        self._exact = BytesAhoCorasick(self._windows, MatchKind.Standard)
        self._cut_streams = set(cut_streams)

    def outputs(self, outputs: Sequence[Output]) -> Sequence[Output]:
        """Return the outputs of an attempt, which come in order, with everything hidden."""
        return [self._output(output) for output in outputs]

    def text(self, text: str) -> str:
        """Return any other text with everything hidden."""
        data = text.encode(errors="surrogatepass")
        return _replaced(data, self._spans(data)).decode(errors="surrogatepass")

    def _output(self, output: Output) -> Output:
        data, stream = output.data, output.stream
        spans = self._spans(data)
        if stream in self._cut_streams:
            spans += self._at_beginning(data)
            self._cut_streams.discard(stream)
        if output.is_partial and len(data) >= self._longest:
            spans += self._at_end(data)
            self._cut_streams.add(stream)
        return output._replace(data=_replaced(data, spans)) if spans else output

    def _spans(self, data: bytes) -> list[Span]:
        """Return where the forms are; they may overlap."""
        spans: list[Span] = []
        for start in range(0, len(data), _STRETCH_BYTES):
            stretch = memoryview(data)[start : start + _STRETCH_BYTES + WINDOW_BYTES - 1]
            hits = [hit for search in self._fast for hit in search.find_matches_as_indexes(stretch)]
            if hits:
                spans += _merged(self._exactly(data, start, stretch, hits))
        return spans

    def _exactly(self, data: bytes, start: int, stretch: memoryview, hits: list[Hit]) -> Iterator[Span]:
        """Yield the forms in a stretch that begins at `start`.

        The fast search leaves out what overlaps one of its hits: so all around these is looked at again.
        """
        near = WINDOW_BYTES - 1
        for begin, end in _merged((max(first - near, 0), last + near) for _, first, last in hits):
            for number, at, _ in self._exact.find_matches_as_indexes(stretch[begin:end], overlapping=True):
                for form, offset in self._holders[self._windows[number]]:
                    place = start + begin + at - offset
                    if place >= 0 and data.startswith(form.text, place):
                        yield _widened(form, data, place)

    def _at_beginning(self, data: bytes) -> list[Span]:
        longest = max((_overlap(form.text, data) for form in self._forms), default=0)
        return [(0, longest)] if longest else []

    def _at_end(self, data: bytes) -> list[Span]:
        longest = max((_overlap(data, form.text) for form in self._forms), default=0)
        return [(len(data) - longest, len(data))] if longest else []


def _overlap(left: bytes, right: bytes) -> int:
    """Return how many bytes at the end of `left` are the beginning of `right`, fewer than either has."""
    most = min(len(left), len(right)) - 1
    return next((size for size in range(most, 0, -1) if left.endswith(right[:size])), 0)


def _widened(form: Form, data: bytes, begin: int) -> Span:
    """Take the digits of base64 along that hold the bits at the value's ends, and the padding."""
    end = begin + len(form.text)
    if form.has_half_before and begin and data[begin - 1] in _DIGITS_OF_BASE64:
        begin -= 1
    if form.has_half_after and data[end : end + 1] and data[end] in _DIGITS_OF_BASE64:
        end += 1
        while data[end : end + 1] == b"=":
            end += 1
    return begin, end


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, with one in the place of those that touch each other."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _replaced(data: bytes, spans: list[Span]) -> bytes:
    parts: list[bytes] = []
    done = 0
    for begin, end in _merged(spans):
        parts += (data[done:begin], _MASK)
        done = end
    return b"".join((*parts, data[done:]))
