"""An application of this process behind a port, for a browser."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Any

from werkzeug.serving import make_server


@contextmanager
def listening(app: Any, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve a WSGI application on loopback, over TLS where there is a `context`; give the port."""
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(app: Any) -> Any:
    """Read each answer before it is sent.

    Werkzeug does not close the file of an answer whose reader has gone, as browsers do that leave
    a page: the file is then closed when it is forgotten, in the middle of some other test.
    """

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        chunks = app(environ, start_response)
        with closing(chunks) if hasattr(chunks, "close") else nullcontext():
            return [b"".join(chunks)]

    return answer
