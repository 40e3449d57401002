"""What stands before the app: the gate, and the sign-in pages as a browser uses them."""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.runtime.pages_manager import PagesManager

from qualcode.codebook import PALETTE
from qualcode.errors import BadCommand
from qualcode.store import accounts as store
from qualcode.templates import data_folder
from qualcode.transcripts import MAX_FILE_BYTES
from qualcode.ui import places, serve
from qualcode.ui.server.cookies import FORM, SESSION
from qualcode.ui.server.gate import Gate, content_policy, is_own_host
from qualcode.ui.server.posted import LONGEST_BODY, own_path
from qualcode.ui.server.routes import ROUTES
from qualcode.ui.server.start import answer_at_once, at_the_root, own_navigation, stay_home
from qualcode.ui.server.visitors import HEADER, KEY

HERE = "http://127.0.0.1:8501"
OWN = {"origin": HERE}
PASSWORD = "four plain words here"


async def _anything(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"the app: {request.url.path}")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("the app")
    await socket.close()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The gate and the sign-in pages before a stand-in for Streamlit."""
    cheap = store.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(store, "_hasher", lambda: cheap)
    monkeypatch.setenv(places.FOLDER, str(tmp_path / "studies"))
    methods = ["GET", "POST", "PUT", "DELETE"]
    return Starlette(
        routes=[
            *ROUTES,
            WebSocketRoute("/_stcore/stream", _socket),
            Route("/{path:path}", _anything, methods=methods),
        ],
        middleware=[Middleware(Gate)],
    )


@pytest.fixture
def browser(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def ana(browser: TestClient) -> str:
    places.accounts().add_user("ana", PASSWORD, "Ana Silva")
    return "ana"


def form_token(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found, page
    return found[1]


def send(browser: TestClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    """Open a page and send its form, as a browser does."""
    where = f"{path}?token={fields['token']}" if "token" in fields else path
    token = form_token(browser.get(where).text)
    return browser.post(path, data={"form": token, **fields}, headers=OWN)


def alert(page: str) -> str:
    found = re.search(r'role="alert">([^<]+)<', page)
    return unescape(found[1]) if found else ""


# -- signing in ----------------------------------------------------------------------------------


def test_the_right_password_signs_in_and_leads_on(browser: TestClient, ana: str) -> None:
    answer = send(browser, "/login", name="ana", password=PASSWORD, next="/code?study=nurses")
    assert (answer.status_code, answer.headers["location"]) == (303, "/code?study=nurses")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "secure" not in cookie
    assert places.accounts().who(browser.cookies[SESSION]) == "ana"
    assert browser.get("/login").status_code == 303, "who is signed in is led on"


def test_over_https_the_cookie_is_for_https_only(app: Starlette) -> None:
    # A proxy that ends TLS speaks http to us; the browser's origin tells the truth.
    with TestClient(app, base_url=HERE, follow_redirects=False) as browser:
        places.accounts().add_user("ana", PASSWORD)
        token = form_token(browser.get("/login").text)
        answer = browser.post(
            "/login",
            data={"form": token, "name": "ana", "password": PASSWORD},
            headers={"origin": "https://127.0.0.1:8501"},
        )
        assert "secure" in answer.headers["set-cookie"].lower()


def test_an_unknown_name_and_a_wrong_password_get_the_same_page(
    browser: TestClient, ana: str
) -> None:
    pages = []
    for name in ("ana", "nobody"):
        answer = send(browser, "/login", name=name, password="not the password")
        assert (answer.status_code, alert(answer.text)) == (401, store.WRONG)
        pages.append(answer.text.replace(f'value="{name}"', ""))
    assert pages[0] == pages[1]
    assert SESSION not in browser.cookies


def test_after_five_failures_the_page_says_so_for_any_name(browser: TestClient, ana: str) -> None:
    for name in ("ana", "nobody"):
        for _ in range(store.LOCK_AFTER):
            send(browser, "/login", name=name, password="not the password")
        answer = send(browser, "/login", name=name, password=PASSWORD)
        assert (answer.status_code, alert(answer.text)) == (401, store.LOCKED)


def test_a_form_without_its_token_is_not_taken(browser: TestClient, ana: str) -> None:
    browser.get("/login")
    for token in ("", "x" * 32, "é"):
        answer = browser.post(
            "/login", data={"form": token, "name": "ana", "password": PASSWORD}, headers=OWN
        )
        assert answer.status_code == 403
        assert "run out" in alert(answer.text)
    browser.cookies.clear()
    answer = browser.post("/login", data={"name": "ana", "password": PASSWORD}, headers=OWN)
    assert answer.status_code == 403
    assert SESSION not in browser.cookies


def test_two_tabs_of_one_browser_share_their_form_token(browser: TestClient) -> None:
    first, second = (form_token(browser.get("/login").text) for _ in range(2))
    assert first == second == browser.cookies[FORM]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:9999", "http://localhost:8501", "null", "", None],
)
def test_a_form_from_elsewhere_is_refused(
    browser: TestClient, ana: str, origin: str | None
) -> None:
    token = form_token(browser.get("/login").text)
    headers = {} if origin is None else {"origin": origin}
    for path in ("/login", "/logout", "/join", "/_stcore/upload_file/x/y"):
        answer = browser.post(
            path, data={"form": token, "name": "ana", "password": PASSWORD}, headers=headers
        )
        assert answer.status_code == 403
    assert browser.put("/_stcore/upload_file/x/y", headers=headers).status_code == 403
    assert browser.delete("/_stcore/upload_file/x/y", headers=headers).status_code == 403


def test_signing_out_ends_the_session_for_good(browser: TestClient, ana: str) -> None:
    send(browser, "/login", name="ana", password=PASSWORD)
    token = browser.cookies[SESSION]
    answer = browser.post("/logout", headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert SESSION not in browser.cookies
    assert places.accounts().who(token) is None
    assert browser.get("/logout").text == "the app: /logout", "a link cannot sign anybody out"


def test_a_session_that_was_revoked_no_longer_counts(browser: TestClient, ana: str) -> None:
    send(browser, "/login", name="ana", password=PASSWORD)
    places.accounts().sign_out_everywhere("ana")
    assert browser.get("/login").status_code == 200


def test_signing_in_again_ends_the_session_before(browser: TestClient, ana: str) -> None:
    token = form_token(browser.get("/login").text)
    sessions = []
    for _ in range(2):
        browser.post(
            "/login", data={"form": token, "name": "ana", "password": PASSWORD}, headers=OWN
        )
        sessions.append(browser.cookies[SESSION])
    assert [places.accounts().who(session) for session in sessions] == [None, "ana"]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "/a\r\nset-cookie: a=b",
        "/logout",
        "/login?next=/login",
        "/" + "a" * 2000,
        "",
    ],
)
def test_after_signing_in_nobody_is_led_off_the_site(
    browser: TestClient, ana: str, path: str
) -> None:
    assert own_path(path) == "/"
    answer = send(browser, "/login", name="ana", password=PASSWORD, next=path)
    assert answer.headers["location"] == "/"
    assert browser.get("/login", params={"next": path}).headers["location"] == "/"


# -- joining -------------------------------------------------------------------------------------


def test_the_first_account_is_made_by_the_link_once(browser: TestClient) -> None:
    token = places.accounts().first_token() or ""
    page = browser.get(f"/join?token={token}").text
    assert "Make the first account" in page
    fields = {"token": token, "name": "ana", "display": "Ana", "password": PASSWORD}
    answer = send(browser, "/join", **fields, again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert places.accounts().who(browser.cookies[SESSION]) == "ana"
    again = browser.get(f"/join?token={token}")
    assert (again.status_code, alert(again.text)) == (410, store.NO_INVITATION)
    posted = browser.post(
        "/join", data={**fields, "again": PASSWORD, "form": browser.cookies[FORM]}, headers=OWN
    )
    assert posted.status_code == 410
    assert len(places.accounts().users()) == 1


def test_an_invited_person_cannot_take_another_name(browser: TestClient, ana: str) -> None:
    token = places.accounts().invite("ben", "Ben")
    page = browser.get(f"/join?token={token}").text
    assert re.search(r'name="name"[^>]*value="ben"[^>]*readonly', page)
    send(browser, "/join", token=token, name="lea", password=PASSWORD, again=PASSWORD)
    assert places.accounts().who(browser.cookies[SESSION]) == "ben"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": PASSWORD, "again": PASSWORD + "."}, "differ"),
        ({"password": "short", "again": "short"}, "at least 10"),
        ({"name": "<script>", "password": PASSWORD, "again": PASSWORD}, "cannot be a sign-in name"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    browser: TestClient, fields: dict[str, str], words: str
) -> None:
    token = places.accounts().first_token() or ""
    given = {"token": token, "name": "ana", "display": '"Ana" <b>', **fields}
    answer = send(browser, "/join", **given)
    assert answer.status_code == 400
    assert words in alert(answer.text)
    assert "&quot;Ana&quot; &lt;b&gt;" in answer.text
    assert "<script" not in answer.text
    assert PASSWORD not in answer.text
    assert not places.accounts().has_users()


def test_a_pasted_link_opens_like_its_code(browser: TestClient) -> None:
    token = places.accounts().first_token() or ""
    assert 'name="token"' in browser.get("/join").text
    for pasted in (token, f" {HERE}/join?token={token} "):
        page = browser.get("/join", params={"token": pasted})
        assert "Make the first account" in page.text


@pytest.mark.parametrize("path", ["/login", "/join"])
def test_a_form_larger_than_ours_is_not_read(browser: TestClient, path: str) -> None:
    answer = browser.post(path, content=b"a" * (LONGEST_BODY + 1), headers=OWN)
    assert answer.status_code == 413
    answer = browser.post(path, content=b"a=1&" * 100, headers=OWN)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/login", "/join", "/join?token=nothing"])
def test_the_sign_in_pages_run_no_script_and_are_kept_nowhere(
    browser: TestClient, path: str
) -> None:
    answer = browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text


def test_the_icon_of_the_tab_is_ours(browser: TestClient) -> None:
    assert browser.get("/favicon.png").headers["content-type"].startswith("image/svg+xml")


# -- the gate ------------------------------------------------------------------------------------


def test_every_answer_carries_the_headers_of_safety(browser: TestClient) -> None:
    for path in ("/", "/login", "/media/x.html", "/_stcore/health"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "content-security-policy" in headers
    assert browser.get("/media/x.html").headers["content-security-policy"].startswith("sandbox")


def test_pages_and_files_are_kept_on_no_disk(browser: TestClient) -> None:
    for path in ("/", "/login", "/code", "/media/x.html", "/_stcore/health"):
        assert browser.get(path).headers["cache-control"] == "no-store"
    for path in ("/static/js/index.js", "/_stcore/bidi-components/qualcode.kick/kick.js"):
        assert browser.get(path).headers.get("cache-control") != "no-store"


def test_behind_https_every_cookie_is_secure_and_the_name_stays_with_https(app: Starlette) -> None:
    app.user_middleware[0].kwargs["hosts"] = ["team.example.org", "192.0.2.7", "localhost"]
    for host, named in (("team.example.org", True), ("192.0.2.7", False), ("localhost", False)):
        for scheme in ("https", "http"):
            with TestClient(app, base_url=f"{scheme}://{host}") as browser:
                answer = browser.get("/login")
            cookies = answer.headers.get_list("set-cookie")
            assert cookies
            assert all(("secure" in c.lower()) is (scheme == "https") for c in cookies)
            promised = "strict-transport-security" in answer.headers
            assert promised is (named and scheme == "https")


def test_the_apps_page_may_load_nothing_from_elsewhere() -> None:
    rules = dict(rule.split(" ", 1) for rule in content_policy().split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert re.fullmatch(r"'self' 'sha256-[\w+/=]+'", rules["script-src"])
    assert not re.search(r"https?:|\*", content_policy())


def test_a_websocket_of_our_own_page_is_let_in(browser: TestClient) -> None:
    with browser.websocket_connect("/_stcore/stream", headers=OWN | {"host": HERE[7:]}) as socket:
        assert socket.receive_text() == "the app"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "127.0.0.1:8501"),
        ("http://127.0.0.1:9999", "127.0.0.1:8501"),
        ("http://localhost:8501", "127.0.0.1:8501"),
        ("null", "127.0.0.1:8501"),
        (None, "127.0.0.1:8501"),
        ("http://evil.example:8501", "evil.example:8501"),
        ("file://127.0.0.1:8501", "127.0.0.1:8501"),
    ],
)
def test_a_websocket_from_elsewhere_is_refused(
    browser: TestClient, origin: str | None, host: str
) -> None:
    headers = {"host": host} | ({"origin": origin} if origin else {})
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        browser.websocket_connect("/_stcore/stream", headers=headers),
    ):
        pass
    assert refused.value.code == 1008


def test_a_name_that_is_not_ours_is_not_served(browser: TestClient, ana: str) -> None:
    answer = browser.get("/", headers={"host": "evil.example:8501"})
    assert answer.status_code == 421
    assert "the app" not in answer.text


@pytest.mark.parametrize(
    ("host", "allowed", "own"),
    [
        ("localhost", ["localhost"], True),
        ("LOCALHOST.:8501", ["localhost"], True),
        ("[::1]:8501", ["::1"], True),
        ("team.example.org", ["*.example.org"], True),
        ("example.org", ["*.example.org"], False),
        ("anything.at.all", ["*"], True),
        ("evil.example", ["localhost", "127.0.0.1"], False),
        ("localhost@evil.example", ["localhost"], False),
        ("localhost:port", ["localhost"], False),
        ("localhost/x", ["localhost"], False),
        ("", ["*"], False),
        (None, ["*"], False),
    ],
)
def test_which_names_are_ours(host: str | None, allowed: list[str], own: bool) -> None:
    assert is_own_host(host, allowed) is own


def test_programs_cannot_drive_the_app(browser: TestClient) -> None:
    assert browser.get("/_stcore/agent/openapi.json").status_code == 404
    assert browser.post("/_stcore/agent/interact", headers=OWN).status_code == 404


# -- starting ------------------------------------------------------------------------------------


def test_the_folder_of_studies_is_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(places.FOLDER, str(tmp_path / "new"))
    assert places.studies_folder().stat().st_mode & 0o077 == 0
    assert places.sample_path().name == "sample.qualcode"
    assert places.first_account_needed()


def test_on_this_machine_only_its_own_names_are_served() -> None:
    assert serve.own_names("127.0.0.1") == ["localhost", "127.0.0.1", "::1"]
    assert serve.own_names("127.0.0.1", ["Team.example.org"])[-1] == "team.example.org"


def test_the_names_of_this_machine_are_found_without_asking_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No resolver, and no socket towards another machine: the guard of the suite sees to it."""
    for asking in ("getaddrinfo", "getfqdn", "gethostbyname", "gethostbyaddr", "socket"):
        monkeypatch.setattr(socket, asking, lambda *_, asking=asking: pytest.fail(asking))
    names = serve.own_names("0.0.0.0", ["team.example.org"])
    assert {"localhost", "team.example.org", socket.gethostname().lower()} <= set(names)
    assert not [name for name in names if name.startswith("127.") and name != "127.0.0.1"]
    assert "0.0.0.0" not in names


@pytest.mark.parametrize("path", ["/qualcode", "team/"])
def test_under_a_path_nothing_is_served(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.get_option", {"server.baseUrlPath": path}.get)
    with pytest.raises(BadCommand, match=f"under the path /{path.strip('/')}; give it a name"):
        at_the_root()


def test_a_port_that_is_taken_is_told_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadCommand, match=f"Port {port} "):
            serve.free_port("127.0.0.1", port)
    assert serve.free_port("127.0.0.1", port) == port
    with pytest.raises(BadCommand, match="not a port"):
        serve.free_port("127.0.0.1", 70_000)


def test_the_settings_keep_the_app_at_home_and_in_the_codebooks_colours() -> None:
    file = data_folder("app.py").with_name(".streamlit") / "config.toml"
    settings = tomllib.loads(file.read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["logger"]["hideWelcomeMessage"] is True
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["maxUploadSize"] * 2**20 == MAX_FILE_BYTES
    assert settings["server"]["trustedUserHeaders"] == {HEADER: KEY}
    assert "http" not in str(settings["theme"])
    assert tuple(settings["theme"]["chartCategoricalColors"]) == PALETTE
    assert {"light", "dark"} <= set(settings["theme"])
    assert "base" not in settings["theme"]


def test_nobody_on_the_internet_is_asked_for_our_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import net_util

    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, **_: asked.append(url))
    stay_home()
    assert net_util.get_external_ip() is None
    assert asked == []


def test_the_first_visitor_gets_the_app_whatever_page_they_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beside a folder called pages, Streamlit would run its files without main.py."""
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    own_navigation()
    PagesManager(str(data_folder("app.py").parent / "qualcode" / "ui" / "main.py"))
    assert PagesManager.uses_pages_directory is False


def test_an_answer_of_several_parts_does_not_wait_for_the_browser_between_them() -> None:
    """What is accepted at a socket of ours takes this over, as Streamlit makes it and any other."""
    with socket.socket() as listening, socket.socket() as client:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert listening.proto == 0, "asyncio would leave it as it is"
        assert answer_at_once() >= 1
        client.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
