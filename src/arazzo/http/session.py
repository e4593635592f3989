"""What a run keeps between its requests, over any transport: cookies. Redirects are followed here, hop by hop.

A cookie that a login sets on its way through a redirect must be seen, and one hop's cookies must not travel to the
next; so the transport below is asked for one hop at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from arazzo.http.cookie_file import read_cookie_file, write_cookie_file
from arazzo.http.cookies import Cookies
from arazzo.http.redirects import follow
from arazzo.messages import Failure, NoResponse, Reply, Request, Response


class Session(Struct):
    """The cookies of a run; ``file`` is where they come from and go to."""

    cookies: Cookies
    file: Path | None = None

    @classmethod
    def opened(cls, file: Path | None, now: Callable[[], float], learn: Callable[[str], None]) -> Session:
        """A session with the cookies of ``file``. Raises ``UsageError``."""
        cookies = Cookies(now, learn)
        for cookie in read_cookie_file(file) if file is not None else ():
            cookies.keep(cookie)
        return cls(cookies, file)

    def exchange(self, request: Request) -> Generator[Request, Reply, Reply]:
        """Yields the requests to send, redirects included, and is sent their replies; returns the last one.

        ``request.timeout`` holds for all of them together.
        """
        began = self.cookies.now()
        hops = follow(request)
        wanted = next(hops)
        while True:
            sent = replace(self.cookies.add_to(wanted), follow_redirects=False)
            if request.timeout is not None and wanted is not request:
                left = request.timeout - (self.cookies.now() - began)
                if left <= 0:
                    return _too_late(request.timeout)
                sent = replace(sent, timeout=left)
            reply = yield sent
            if isinstance(reply, Response):
                self.cookies.take_from(wanted, reply)
            elif reply.failure is Failure.TIMEOUT and wanted is not request and request.timeout is not None:
                return _too_late(request.timeout)
            try:
                wanted = hops.send(reply)
            except StopIteration as end:
                final: Reply = end.value
                return final

    def save(self) -> str | None:
        """Write the cookies to ``file``, if there is one; says what kept them from being written."""
        if self.file is None:
            return None
        try:
            write_cookie_file(self.file, self.cookies)
        except OSError as error:
            return f"the cookies could not be written to {self.file}: {error.strerror or error}"
        return None


def _too_late(seconds: float) -> NoResponse:
    return NoResponse(Failure.TIMEOUT, f"no answer within {seconds:g} s")
