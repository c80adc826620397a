"""The portal of these tests is reached over HTTP, by LogiVet's own key."""

from tests.support.served import call


def test_a_key_made_here_is_greeted_there(example, clinic):
    hello = call(f"{example.sync_url}/hello", key=clinic.key)
    assert hello.status == 200
    assert hello.json["clinic"]["name"] == "Clinique P&C"
