"""Every command explains itself, and tells a wrong call from a refusal."""

import click
import pytest

from flask_logivet_rdv.cli import rdv


def walk(command, path=()):
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from walk(inner, (*path, name))


ALL = dict(walk(rdv))


@pytest.fixture(params=ALL, ids=lambda path: " ".join(path) or "rdv")
def path(request):
    return request.param


def test_the_walk_meets_groups_and_what_is_inside():
    assert {("doctor",), ("clinic",), ("clinic", "list"), ("key", "create")} <= ALL.keys()


def test_it_says_what_it_is_for_and_exits_0(run, path):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert " ".join(ALL[path].help.split()) in " ".join(result.stdout.replace("\b", "").split())
    assert len(ALL[path].help) > 20


def test_each_option_of_it_is_explained(path):
    options = [one for one in ALL[path].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_each_argument_of_it_is_named_in_its_help(path):
    arguments = [one for one in ALL[path].params if isinstance(one, click.Argument)]
    assert [a.name for a in arguments if a.name.upper() not in ALL[path].help] == []


def test_an_option_that_it_has_not_exits_2(run, path):
    result = run(*path, "--no-such-option")
    assert result.exit_code == 2
    assert "--no-such-option" in result.stderr
    assert result.stdout == ""


def test_what_every_exit_code_means_is_in_the_help_of_the_group(run):
    assert "exits 0 when it is done, 1 when it is refused" in " ".join(run("--help").stdout.split())
