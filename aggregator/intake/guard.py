"""The address guard: nothing inside our own network is fetched on a stranger's word.

It stands where a socket is made, so that literals, names, answers that
change between two look-ups and every redirect pass the same gate.
"""

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial

from aggregator.errors import RefusedAddressError
from aggregator.stories.addresses import Opening, opening_of, refusal

# What `getaddrinfo` yields and a socket factory is given; the address is (host, port, ...).
AddressInfo = tuple[int, int, int, str, tuple[str | int, ...]]

# The refusals met while one request connects. Racing attempts run in tasks of their own, whose
# errors are merged into one without a type on the way back: this list is what reaches us. Each
# is the reason, and the opening that would do away with it.
_Refusal = tuple[str, str]
_refusals: ContextVar[list[_Refusal]] = ContextVar("refusals")
_MOST_ADVISED = 3  # a name may have hundreds of addresses


class Guard:
    """Refuses addresses that we do not talk to, except where `openings` admit them."""

    def __init__(self, openings: tuple[Opening, ...]) -> None:
        # Asked of each request and of each connection; the answer is always the same.
        self._refusal = lru_cache(maxsize=1_024)(partial(refusal, openings=openings))

    def make_socket(self, info: AddressInfo) -> socket.socket:
        """Return a socket to be connected to the address.

        Must be called within `watching`.

        Raises:
            PermissionError: The address is refused.
        """
        family, kind, protocol, _, address = info
        host, port = str(address[0]), int(address[1])
        why = self._refusal(host, port)
        if why is not None:
            _refusals.get().append((why, opening_of(host, port)))
            raise PermissionError(errno.EACCES, why)
        return socket.socket(family, kind, protocol)

    @contextmanager
    def watching(self, host: str) -> Iterator[None]:
        """Name the refused address as the cause where no connection to the host came about.

        Raises:
            RefusedAddressError: In place of the OSError that a refusal led to.
        """
        refusals: list[_Refusal] = []
        token = _refusals.set(refusals)
        try:
            yield
        except OSError as error:
            if refusals:
                raise _refused(host, refusals) from error
            raise
        finally:
            _refusals.reset(token)

    def check_host(self, host: str, port: int) -> None:
        """Refuse what the host says of its address without being looked up.

        That is all that can be checked where a proxy looks names up. Knows the
        spellings of RFC 6943 3.1.1 (decimal, octal, hexadecimal, short) and
        the names that always mean this machine (RFC 6761 6.3).

        Raises:
            RefusedAddressError: The address is refused.
        """
        stated = _stated_addresses(host)
        refusals = [
            (why, opening_of(each, port)) for each in stated if (why := self._refusal(each, port))
        ]
        if stated and len(refusals) == len(stated):
            raise _refused(host, refusals)


def _stated_addresses(host: str) -> tuple[str, ...]:
    if ":" in host:
        return (host,)
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1", "::1"
    try:
        return (socket.inet_ntoa(socket.inet_aton(name)),)
    except OSError:
        return ()


def _refused(host: str, refusals: Sequence[_Refusal]) -> RefusedAddressError:
    openings = list(dict.fromkeys(opening for _, opening in refusals))[:_MOST_ADVISED]
    in_file = ", ".join(f'"{opening}"' for opening in openings)
    return RefusedAddressError(
        f"refused to talk to {host}: {refusals[0][0]}; if it is meant, set "
        f"fetch.allow_networks = [{in_file}] or "
        f"AGGREGATOR_FETCH__ALLOW_NETWORKS={','.join(openings)}"
    )
