"""``flask rdv worker|drain``: what runs beside the portal and mails."""

import math
import threading
import time

import click
from flask import Flask
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from flask_logivet_rdv import jobs
from flask_logivet_rdv.state import EXTENSION, state

from .group import rdv, this_app

SWEEP_EVERY_S = 60
"""A wake-up that Redis lost costs a minute, never a mail."""
TIDY_EVERY_S = 3600
CLOCKS_EVERY_S = 86_400
"""Every visit to come is read for it, and zone data change with a deployment only."""
TIDIED = {"bookings": "bookings blanked", "busy": "busy ranges"}
"""What is printed for a kind whose name does not tell."""


@rdv.command()
@click.option("--loop", is_flag=True, help="Go on until stopped.")
@click.option(
    "--every",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="Seconds between two rounds.",
)
def drain(loop: bool, every: float) -> None:
    """Send the mails that are due, once or for ever; needs no Redis.

    Prints how many were tried. One that the mail server refuses is tried again later, and is no
    error here: « flask rdv doctor » tells of it.
    """
    if loop:
        _sweep(this_app(), every, threading.Event())
    click.echo(f"{jobs.drain()} mail(s) tried.")


@rdv.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(burst: bool) -> None:
    """Run an RQ worker that mails as soon as a booking is made, and sweeps every minute.

    To be run under a supervisor, as many as you like. Exit 1 without Redis, or when it goes away.
    """
    url = state().settings.redis_url
    if url is None:
        raise click.ClickException(
            "LOGIVET_RDV_REDIS_URL is not set: use « flask rdv drain --loop »."
        )
    from redis import Redis

    app, redis, stopped = this_app(), Redis.from_url(url), threading.Event()
    jobs.worker_app[EXTENSION] = app
    sweeper = threading.Thread(target=_sweep, args=(app, SWEEP_EVERY_S, stopped), daemon=True)
    sweeper.start()
    try:
        queues = [jobs.queue(redis)]
        SimpleWorker(queues, connection=redis, serializer=JSONSerializer).work(burst=burst)
    except RedisConnectionError:
        raise click.ClickException(
            "Redis does not answer at LOGIVET_RDV_REDIS_URL. A supervisor starts the worker again;"
            " without Redis, use « flask rdv drain --loop »."
        ) from None
    finally:
        stopped.set()
        sweeper.join()


@rdv.command()
def tidy() -> None:
    """Finish what a crash left, delete what is no longer needed, and print how much went.

    What a client typed is blanked LOGIVET_RDV_RETENTION_DAYS after the visit; each kind of rows
    goes at its own age, see the README; never what LogiVet has not fetched. Some rows at a time, so
    that no booking waits. A visit to come whose time on the clock new zone data have moved is
    printed; its clinic is told once, and nothing is changed. The worker and the drain loop do it
    every hour, and look at the clocks once a day.
    """
    for kind, count in jobs.tidy()._asdict().items():
        click.echo(f"{TIDIED.get(kind, kind)}: {count}")
    for one in jobs.tell_moved_clocks():
        click.echo(
            f"The clock has moved: account {one.account_id}, booking {one.booking_id},"
            f" told {one.told}, now {one.now}."
        )


def _sweep(app: Flask, every: float, stopped: threading.Event) -> None:
    """Drain every so many seconds until stopped, between two mails, whatever fails meanwhile.

    A snapshot that a crash left half applied is finished on the way; once an hour, what is old
    goes; once a day, the clocks of visits to come are looked at.
    """
    tidied = looked = -math.inf
    while not stopped.is_set():
        try:
            with app.app_context():
                while not stopped.is_set() and jobs.drain(limit=1):
                    pass
                jobs.finish_snapshots()
                if time.monotonic() - tidied > TIDY_EVERY_S:
                    tidied = time.monotonic()
                    jobs.tidy()
                if time.monotonic() - looked > CLOCKS_EVERY_S:
                    looked = time.monotonic()
                    jobs.tell_moved_clocks()
        except Exception:
            app.logger.exception("The sweep failed; it goes on.")
        stopped.wait(every)
