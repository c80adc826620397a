"""The demo's mail server keeps what it is sent."""

import email
import smtplib
from pathlib import Path

from host_example import servers, smtp


def test_a_message_is_kept_whole_as_a_file(tmp_path: Path) -> None:
    listening = servers.bind("127.0.0.1", 0)
    smtp.serve(listening, tmp_path / "mail")
    with smtplib.SMTP("127.0.0.1", servers.port_of(listening), timeout=5) as client:
        client.sendmail("a@exemple.ca", ["b@exemple.ca"], b"Subject: Bonjour\r\n\r\nTom")
    kept = list((tmp_path / "mail").glob("*.eml"))
    assert len(kept) == 1
    assert email.message_from_bytes(kept[0].read_bytes())["Subject"] == "Bonjour"
