"""What was read from the database and is kept, for as long as nobody changes it there."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

# The live feeds of forty categories, a hundred stories in each, and some more: of each feed that
# changed, all but one or two stories are as they were.
MOST = 5000


class Kept(Generic[T]):
    """Values by id, each with the mark that its rows had when it was read.

    A mark differs whenever the value would. What was not asked for longest
    goes first.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: OrderedDict[int, tuple[Hashable, T]] = OrderedDict()

    def take(
        self, marks: Mapping[int, Hashable], load: Callable[[Collection[int]], Mapping[int, T]]
    ) -> list[T]:
        """Return the values of these ids in their order; only what changed is loaded.

        An id that `load` does not find is left out.
        """
        known = self._known
        changed = [
            number
            for number, mark in marks.items()
            if number not in known or known[number][0] != mark
        ]
        for number in changed:
            known.pop(number, None)
        if changed:
            known.update((n, (marks[n], value)) for n, value in load(changed).items())
        taken = [number for number in marks if number in known]
        for number in taken:
            known.move_to_end(number)
        values = [known[number][1] for number in taken]
        while len(known) > self._most:
            known.popitem(last=False)
        return values
