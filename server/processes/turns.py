"""Which request gets the next thread.

- An address holds at most a part of the threads, whatever it opens: its other requests wait, and nobody else's do.
- Its long bodies hold fewer: hundreds of phones share an operator's address, and a short call of one of them must not
  wait until the photos of the others have come.
- Addresses take turns, and so do lanes: kinds of requests that may hold so many threads and no more.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
PLAIN: Final = "plain"
DOOR: Final = "door"
"""Signing in. Hundreds come at once, each wants the processor, and those who sync must not wait for them."""
KNOWN: Final = "known"
"""Signing in from a browser that signed in before."""
BODY: Final = "body"
"""A long body, which a thread reads at the client's pace."""
PHOTO: Final = "photo"
"""A photo, whose body is long as well; few are worked on at once."""
LONG: Final = (BODY, PHOTO)


@dataclass(slots=True)
class PhotoPace:
    """When a photo may begin to be worked on: text and pages go first, and photos still come.

    `at_once`: most that are worked on; `between_s`: seconds between two beginnings beside a push or a page.
    """

    at_once: int
    between_s: float
    _began: float = float("-inf")

    def begin(self, now: float) -> None:
        """Note that one begins."""
        self._began = now

    def must_wait(self, now: float, photos: int, others: int) -> bool:
        """True if the next one has to wait. `photos`, `others`: how many of each are worked on."""
        return photos >= self.at_once or (others > 0 and now < self._began + self.between_s)


class ThreadTurns(Generic[T]):
    """Those who wait for a thread, and those who hold one.

    `of_one`: most threads of an address; `bodies_of_one`: most that its long bodies hold.
    """

    def __init__(self, threads: int, of_one: int, bodies_of_one: int, lanes: Mapping[str, int]) -> None:
        self._threads, self._of_one, self._lanes = threads, of_one, lanes
        self._bodies_of_one = bodies_of_one
        self._waiting: dict[str, dict[str, deque[T]]] = {lane: {} for lane in lanes}
        self._holders: dict[T, tuple[str, str]] = {}
        self._of_lane: Counter[str] = Counter()
        self._of_address: Counter[str] = Counter()
        self._bodies_of: Counter[str] = Counter()

    @property
    def are_all_held(self) -> bool:
        """True if no thread is free."""
        return len(self._holders) >= self._threads

    def is_full(self, lane: str) -> bool:
        """True if this lane holds as many threads as it may."""
        return self._of_lane[lane] >= self._lanes[lane]

    def held_in(self, lane: str) -> list[T]:
        """Those of this lane who hold a thread."""
        return [each for each, (_, own) in self._holders.items() if own == lane]

    def lane_of(self, one: T) -> str:
        """The lane in which one holds a thread."""
        return self._holders[one][1]

    def waiting(self, lane: str) -> int:
        """How many of this lane wait."""
        return sum(map(len, self._waiting[lane].values()))

    def wait(self, one: T, address: str, lane: str) -> None:
        """Let one wait in its address's line of this lane."""
        self._waiting[lane].setdefault(address, deque()).append(one)

    def next(self, shut: Collection[str] = ()) -> T | None:
        """Return who gets a thread now, who then holds it until over(). `shut`: lanes that are passed over."""
        if self.are_all_held:
            return None
        for lane, lines in self._waiting.items():
            if not lines or lane in shut or self.is_full(lane):
                continue
            address = next((each for each in lines if self._may_begin(each, lane)), None)
            if address is None:
                continue
            line = lines.pop(address)
            one = line.popleft()
            if line:
                lines[address] = line  # behind the other addresses
            self._waiting[lane] = self._waiting.pop(lane)  # and the lane behind the others
            self._holders[one] = (address, lane)
            self._of_address[address] += 1
            self._of_lane[lane] += 1
            self._bodies_of[address] += lane in LONG
            return one
        return None

    def _may_begin(self, address: str, lane: str) -> bool:
        """True if the address may hold one more."""
        if lane in LONG and self._bodies_of[address] >= self._bodies_of_one:
            return False
        return self._of_address[address] < self._of_one

    def over(self, one: T) -> None:
        """Take the thread back."""
        held = self._holders.pop(one, None)
        if held is not None:
            address, lane = held
            self._of_lane[lane] -= 1
            self._of_address[address] -= 1
            self._bodies_of[address] -= lane in LONG
            if not self._of_address[address]:
                del self._of_address[address], self._bodies_of[address]
