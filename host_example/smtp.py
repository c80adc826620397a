"""A real SMTP server that keeps each message as a file."""

import asyncio
import itertools
import socket
import threading
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Keep:
    """An aiosmtpd handler that writes messages into a folder, one `.eml` file each."""

    def __init__(self, folder: Path) -> None:
        """Write into `folder`, made if absent."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, then accept it: a file is whole as soon as it has its name."""
        name = f"{time.time_ns() // 1_000_000}-{next(self.numbers)}.eml"
        part = self.folder / f".{name}.part"
        part.write_bytes(envelope.original_content or b"")
        part.rename(self.folder / name)
        return "250 Message kept"


def serve(listening: socket.socket, folder: Path) -> None:
    """Serve SMTP on the socket `listening`, in a daemon thread, keeping mails in `folder`."""
    handler = Keep(folder)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(handler, enable_SMTPUTF8=True, loop=loop), sock=listening
        )
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(main()), name="smtp", daemon=True).start()
