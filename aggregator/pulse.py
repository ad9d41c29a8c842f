"""The pulse: what shows that the daemon's ticks go on."""

from collections.abc import Mapping
from time import monotonic

from aggregator.metrics import TICK_FAILURES

# No tick is silent for longer than the slowest batch; beyond this it is stuck.
STUCK_AFTER_S = 120.0
# A start after an upgrade computes a whole window anew in one tick. Beyond this nothing comes of
# waiting, and the watchdog is not fed any more.
WEDGED_AFTER_S = 1800.0


class Pulse:
    """When each tick last did its work, and when it last came to an end at all.

    The first says whether we are ready, the second whether a restart would
    help: a tick that fails each time (a full disk, a database that is gone)
    is not cured by one.
    """

    def __init__(self) -> None:
        self._worked: dict[str, float] = {}
        self._ended: dict[str, float] = {}
        self._every: dict[str, float] = {}
        self._faults: dict[str, str] = {}

    def begin(self, name: str, every: float = 0) -> None:
        """Watch a tick from now on, which comes `every` so many seconds."""
        TICK_FAILURES.labels(name)  # 0 from now on
        self._every[name] = every
        self.worked(name)

    def worked(self, name: str) -> bool:
        """Note that a tick did its work, or a part of it; return whether it had failed before."""
        self._worked[name] = self._ended[name] = monotonic()
        return self._faults.pop(name, None) is not None

    def failed(self, name: str, reason: str) -> bool:
        """Note that a tick came to an end, and failed; return whether that is news."""
        TICK_FAILURES.labels(name).inc()
        self._ended[name] = monotonic()
        known = self._faults.get(name)
        self._faults[name] = reason
        return known != reason

    def stuck(self) -> Mapping[str, float]:
        """Return for how many seconds each tick has done nothing, where that is too long."""
        return self._silent(self._worked, STUCK_AFTER_S)

    def readiness(self) -> Mapping[str, object]:
        """Return whether the ticks do their work, and the reasons where they do not."""
        stuck = self.stuck()
        reasons = [f"tick {name} has done nothing for {s:.0f} s" for name, s in stuck.items()]
        if not self._worked:
            reasons = ["the ticks have not begun yet"]
        return {"ready": not reasons, "reasons": reasons, "stuck_for_seconds": stuck}

    def is_wedged(self) -> bool:
        """Return whether a tick hangs for good."""
        return bool(self._silent(self._ended, WEDGED_AFTER_S))

    def _silent(self, beats: Mapping[str, float], limit: float) -> dict[str, float]:
        now = monotonic()
        return {
            name: round(now - beat, 1)
            for name, beat in beats.items()
            if now - beat > limit + self._every[name]
        }
