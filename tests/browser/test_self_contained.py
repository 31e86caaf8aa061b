"""Pages need nothing but themselves, and run nothing but their own scripts."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.made_up import FLAG
from tests.browser.runs import PAGES

pytestmark = pytest.mark.browser

# What a script or picture in a title would have left: an element or attribute that templates do not have.
INJECTED = "() => document.querySelectorAll('img, iframe, object, embed, [onload], [onerror]').length"
# Tries what a script in a title would: ask the network, load a picture, run text.
TRESPASS = """
async ([address]) => {
  const blocked = [];
  document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
  const fetched = await fetch(address, { mode: "no-cors" }).then(() => "fetched", () => "refused");
  const picture = document.body.appendChild(new Image());
  picture.src = `${address}picture.png`;
  const script = document.createElement("script");
  script.textContent = "window.trespassed = true";
  document.body.append(script);
  picture.setAttribute("onclick", "window.trespassed = true");
  picture.click();
  const link = document.body.appendChild(document.createElement("a"));
  link.href = "javascript:window.trespassed = true";
  link.click();
  await new Promise((done) => setTimeout(done, 100));
  return { fetched, blocked, trespassed: window.trespassed === true };
}
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_complains_of_nothing_and_runs_nothing_of_the_data(look, name):
    view = look(PAGES[name])
    assert [url.rpartition("/reports/")[2] for url in view.requests] == [PAGES[name]]
    assert view.messages == []
    assert view.errors == []
    assert view.run(f"() => window.{FLAG}") is None
    assert view.run(INJECTED) == 0


@pytest.fixture
def listener():
    """The address of a server on this machine, and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()


def test_the_policy_stops_what_escaping_would_have_missed(look, listener):
    address, asked = listener
    found = look(PAGES["users"]).run(TRESPASS, address)
    assert found["fetched"] == "refused"
    assert {"connect-src", "img-src", "script-src-elem", "script-src-attr"} <= set(found["blocked"])
    assert not found["trespassed"]
    assert asked == []


def test_without_the_policy_the_same_would_have_happened(look, listener):
    address, asked = listener
    found = look(PAGES["users"], guarded=False).run(TRESPASS, address)
    assert found == {"fetched": "fetched", "blocked": [], "trespassed": True}
    assert sorted(asked) == ["/", "/picture.png"]
