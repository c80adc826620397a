"""Redis: whether it answers in time for a wake-up, and whether a worker listens."""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from flask_logivet_rdv.jobs import WAKE_TIMEOUT_S, queue, quick_redis
from flask_logivet_rdv.state import state

from .finding import Finding, Level, counted

NAME, WORKER = "redis", "worker"
PINGS = 5
SLOW_S = WAKE_TIMEOUT_S / 4


def look(app: Flask) -> Iterator[Finding]:
    """Yield how Redis answers, and how many workers listen on our queue."""
    url = state().settings.redis_url
    if url is None:
        told = (
            "None: mails leave by « flask rdv drain --loop », LogiVet learns of a booking some"
            " seconds later, and each process counts its own limits."
        )
        yield Finding(NAME, Level.OK, told)
        return
    redis = quick_redis(url)
    try:
        yield _speed(redis)
        yield _workers(redis)
    except (RedisError, OSError) as error:
        told = (
            f"It does not answer at LOGIVET_RDV_REDIS_URL ({type(error).__name__}): no worker runs,"
            " and mails leave by « flask rdv drain --loop » alone."
        )
        yield Finding(NAME, Level.ERROR, told)


def _speed(redis: Redis) -> Finding:
    redis.ping()  # the first one connects
    taken = [_taken(redis) for _ in range(PINGS)]
    told = f"Answers in {median(taken) * 1000:.1f} ms."
    if median(taken) < SLOW_S:
        return Finding(NAME, Level.OK, told)
    told += f" After {WAKE_TIMEOUT_S * 1000:.0f} ms a wake-up is given up: bring it nearer."
    return Finding(NAME, Level.WARNING, told)


def _taken(redis: Redis) -> float:
    began = perf_counter()
    redis.ping()
    return perf_counter() - began


def _workers(redis: Redis) -> Finding:
    ours = queue(redis)
    listening = Worker.count(queue=ours)
    if listening:
        told = f"{counted(listening, 'worker')} on the queue {ours.name}."
        return Finding(WORKER, Level.OK, told)
    told = (
        f"None on the queue {ours.name}. Run « flask rdv worker » under a supervisor,"
        " or « flask rdv drain --loop »."
    )
    return Finding(WORKER, Level.WARNING, told)
