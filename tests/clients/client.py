"""The Python client (https://pypi.org/project/akismet/), as Django sites use it, against a running Moderato.

usage: client.py URL KEY
"""

import sys

import akismet
import httpx

URL, KEY = sys.argv[1:]
BLOG = "https://blog.example/"
SPAM = "Buy cheap viagra online casino bonus http://pills.example.top/buy click here http://casino.example.top/win"


class Elsewhere(httpx.HTTPTransport):
    """Sends what is meant for the vendor to Moderato: all that a site has to change."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = httpx.URL(URL)
        request.url = request.url.copy_with(scheme=target.scheme, host=target.host, port=target.port)
        request.headers["Host"] = request.url.netloc.decode()
        return super().handle_request(request)


def client(key: str) -> akismet.SyncClient:
    # The client's own time limit: an answer has to be there within a second.
    http = httpx.Client(transport=Elsewhere(), timeout=1.0)
    return akismet.SyncClient.validated_client(config=akismet.Config(key=key, url=BLOG), http_client=http)


def refused(what: str, error: type[Exception], call) -> None:
    try:
        call()
    except error:
        print(f"  {what}: {error.__name__}")
    else:
        raise SystemExit(f"{what}: nothing was raised")


mine = client(KEY)
print(f"python akismet {akismet.__version__ if hasattr(akismet, '__version__') else '25.10.1'}")
ham = dict(comment_type="comment", comment_author="Zoë Дмитро 李", comment_content="Дякую! こんにちは — très intéressant.")
assert mine.comment_check(user_ip="203.0.113.7", **ham) == akismet.CheckResponse.HAM
assert mine.comment_check(user_ip="2001:db8::7", comment_content=SPAM) == akismet.CheckResponse.SPAM
assert mine.comment_check(user_ip="203.0.113.7", comment_author="akismet-guaranteed-spam", is_test=True) == akismet.CheckResponse.SPAM
assert mine.comment_check(user_ip="203.0.113.7", comment_content=SPAM, user_role="administrator") == akismet.CheckResponse.HAM
print("  comment_check: ham, spam, guaranteed, administrator")
assert mine.submit_ham(user_ip="203.0.113.7", comment_content=SPAM) is True
assert mine.submit_spam(user_ip="203.0.113.7", comment_content=SPAM) is True
print("  submit_ham, submit_spam")
assert mine.usage_limit()["limit"] == "none"
print("  usage_limit")
refused("wrong key", akismet.APIKeyError, lambda: client("0123456789ab"))
refused("missing address", akismet.ProtocolError, lambda: mine.comment_check(user_ip=""))
