import pytest
from flask import request

from flask_logivet_rdv.web.origin import same_origin

OURS = "https://widget.exemple.ca"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OURS}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": OURS}, True),
        ({"Origin": "https://widget.exemple.ca.pirate.example"}, False),
        ({"Origin": "http://widget.exemple.ca"}, False),
        ({"Origin": "https://widget.exemple.ca:8443"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": f"{OURS}/services"}, False),
        ({}, False),
    ],
)
def test_a_post_is_ours(portal, headers, expected):
    with portal.test_request_context(method="POST", headers=headers):
        assert same_origin(request) is expected


def test_the_host_of_the_request_decides_nothing(portal):
    headers = {"Host": "pirate.example", "Origin": "https://pirate.example"}
    with portal.test_request_context(method="POST", headers=headers):
        assert not same_origin(request)
