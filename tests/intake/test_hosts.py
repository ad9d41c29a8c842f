import asyncio
from datetime import timedelta

import pytest

from aggregator.intake.hosts import HostGate


class Crowd:
    """Counts who is inside a gate, and notes when each came and went."""

    def __init__(self, gate: HostGate) -> None:
        self.gate = gate
        self.inside = 0
        self.most = 0
        self.stays: list[tuple[float, float]] = []

    async def visit(self, host: str) -> None:
        clock = asyncio.get_running_loop()
        async with self.gate.passing(host):
            came = clock.time()
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0.01)
            self.inside -= 1
            self.stays.append((came, clock.time()))


def gate(per_host: int = 1, gap: float = 0, concurrency: int = 100) -> HostGate:
    return HostGate(per_host, timedelta(seconds=gap), concurrency)


@pytest.mark.parametrize("per_host", [1, 2, 3])
async def test_one_host_gets_no_more_than_its_places(per_host: int) -> None:
    crowd = Crowd(gate(per_host))
    await asyncio.gather(*(crowd.visit("a.example") for _ in range(8)))
    assert crowd.most == per_host


async def test_a_pause_lies_between_two_requests() -> None:
    crowd = Crowd(gate(gap=0.05))
    await asyncio.gather(*(crowd.visit("a.example") for _ in range(3)))
    pauses = [
        came - went for (_, went), (came, _) in zip(crowd.stays, crowd.stays[1:], strict=False)
    ]
    assert len(pauses) == 2
    assert min(pauses) >= 0.049


async def test_different_hosts_do_not_wait_for_each_other() -> None:
    crowd = Crowd(gate(gap=60))
    await asyncio.gather(*(crowd.visit(f"{number}.example") for number in range(8)))
    assert crowd.most == 8


async def test_one_host_has_one_name() -> None:
    crowd = Crowd(gate())
    await asyncio.gather(*(crowd.visit(host) for host in ("a.example", "A.Example", "a.example.")))
    assert crowd.most == 1


async def test_there_is_a_limit_over_all_hosts() -> None:
    crowd = Crowd(gate(concurrency=3))
    await asyncio.gather(*(crowd.visit(f"{number}.example") for number in range(9)))
    assert crowd.most == 3


async def test_who_waits_for_a_host_takes_no_place_in_all() -> None:
    narrow = gate(concurrency=2)
    async with narrow.passing("a.example"):
        waiting = asyncio.create_task(Crowd(narrow).visit("a.example"))
        await asyncio.sleep(0)
        async with asyncio.timeout(1), narrow.passing("b.example"):
            assert not waiting.done()
    await waiting


async def test_idle_hosts_are_forgotten() -> None:
    crowd = Crowd(crowded := gate(gap=0.01))
    await asyncio.gather(*(crowd.visit(f"{number % 5}.example") for number in range(10)))
    assert len(crowded) > 0
    await asyncio.sleep(0.05)
    assert len(crowded) == 0


async def test_who_gives_up_leaves_nothing_behind() -> None:
    narrow = gate(concurrency=1)
    async with narrow.passing("a.example"):
        same_host = asyncio.create_task(Crowd(narrow).visit("a.example"))
        other_host = asyncio.create_task(Crowd(narrow).visit("b.example"))
        await asyncio.sleep(0.01)
        same_host.cancel()
        other_host.cancel()
        await asyncio.gather(same_host, other_host, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert len(narrow) == 0
    async with asyncio.timeout(1):
        await Crowd(narrow).visit("a.example")


async def test_a_failure_gives_its_place_back() -> None:
    narrow = gate(concurrency=1)
    with pytest.raises(ZeroDivisionError):
        async with narrow.passing("a.example"):
            raise ZeroDivisionError
    async with asyncio.timeout(1):
        await Crowd(narrow).visit("a.example")
