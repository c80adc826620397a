"""A real SMTP server whose answers are in the test's hands."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP
from flask import Flask

from host_example import servers


class PostOffice:
    """Keeps what it accepts; `sender`, `recipient` and `data` are what it answers to each step.

    `takes_s` is how long it thinks before it has a mail; `drops` has it keep a mail, and hang up
    without a word.
    """

    def __init__(self) -> None:
        self.sender = self.recipient = self.data = "250 OK"
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.port, self.takes_s, self.drops = 0, 0.0, False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.takes_s)
        if self.data.startswith("250"):
            self.raw.append(envelope.original_content)
            self.mails.append(
                email.message_from_bytes(envelope.original_content, policy=email.policy.SMTP)
            )
        if self.drops:
            server.transport.abort()
        return self.data

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to an address, in order."""
        return [mail for mail in self.mails if mail["To"] == address]


@contextmanager
def post_office(port: int = 0) -> Iterator[PostOffice]:
    """Run a server on a port of the loopback, until the block ends."""
    office, listening = PostOffice(), servers.bind("127.0.0.1", port)
    office.port = servers.port_of(listening)
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await loop.create_server(lambda: SMTP(office, loop=loop), sock=listening)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()

    task = loop.create_task(serve())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(asyncio.sleep(0.01))
        finally:
            loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


@contextmanager
def mailing_to(app: Flask, port: int) -> Iterator[None]:
    """Have a portal really send its mails, to a port of the loopback."""
    mail = app.extensions["mail"]
    before = mail.server, mail.port, mail.suppress
    mail.server, mail.port, mail.suppress = "127.0.0.1", port, False
    try:
        yield
    finally:
        mail.server, mail.port, mail.suppress = before
