import pytest
from redis import Redis
from rq import SimpleWorker

from flask_logivet_rdv import jobs
from flask_logivet_rdv.doctor import queue
from host_example import servers


@pytest.fixture
def on_redis(portal_with, redis_url, request):
    """A portal with a queue of this test alone."""
    name = f"doctor-{request.node.name}"
    return portal_with(LOGIVET_RDV_REDIS_URL=redis_url, LOGIVET_RDV_QUEUE=name)


@pytest.fixture
def worker(on_redis, redis_url):
    """A worker that says it listens."""
    redis = Redis.from_url(redis_url)
    with on_redis.app_context():
        made = SimpleWorker([jobs.queue(redis)], connection=redis)
    made.register_birth()
    yield made
    made.register_death()
    redis.close()


def test_no_redis_says_what_serves_instead(portal, look):
    level, told = look(queue.look, portal)["redis"]
    assert level == "ok"
    assert "drain --loop" in told


def test_redis_that_is_away_is_an_error(portal_with, look):
    with servers.bind("127.0.0.1", 0) as closed:
        port = servers.port_of(closed)
    app = portal_with(LOGIVET_RDV_REDIS_URL=f"redis://:secret@127.0.0.1:{port}/0")
    ((name, (level, told)),) = look(queue.look, app).items()
    assert (name, level) == ("redis", "error")
    assert "drain --loop" in told
    assert "secret" not in told


def test_a_queue_without_a_worker_is_a_warning(on_redis, look):
    found = look(queue.look, on_redis)
    assert found["redis"][0] == "ok"
    assert found["worker"][0] == "warning"
    assert "flask rdv worker" in found["worker"][1]


def test_a_worker_that_listens_is_counted(on_redis, worker, look):
    level, told = look(queue.look, on_redis)["worker"]
    assert level == "ok"
    assert told.startswith("1 worker on the queue doctor-")


@pytest.mark.parametrize(("taken_s", "level"), [(0.049, "ok"), (0.05, "warning")])
def test_a_wake_up_that_is_slow_is_a_warning(on_redis, look, monkeypatch, taken_s, level):
    monkeypatch.setattr(queue, "_taken", lambda _: taken_s)
    found = look(queue.look, on_redis)["redis"]
    assert found[0] == level
    assert f"{taken_s * 1000:.1f} ms" in found[1]
