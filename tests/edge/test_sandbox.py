"""The mail sandbox: what it accepts it keeps, what it is told to refuse it refuses, over real SMTP and HTTP."""

import http.client
import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from hirnok.sandbox import rules, server, store, web
from hirnok.sandbox.rules import Rule
from hirnok.sandbox.smtp import Options


def letter(to: str = "anna@example.hu", subject: str = "Tavaszi ajánlat") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Kertészet <hirek@example.hu>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{to}>"
    message["List-Unsubscribe"] = "<https://example.hu/u/abc>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("Szia!\n.pont a sor elején\nhttps://example.hu/c/1/abc\n")
    message.add_alternative(
        "<html><head></head><body>Szia <script>x()</script></body></html>", subtype="html"
    )
    return message


def get(
    sandbox: server.Sandbox, path: str, host: str = "localhost"
) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(sandbox.host, sandbox.web_port, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    response = connection.getresponse()
    body = response.read().decode("utf-8", "replace")
    connection.close()
    return response.status, dict(response.getheaders()), body


def client(sandbox: server.Sandbox) -> smtplib.SMTP:
    return smtplib.SMTP(sandbox.host, sandbox.port, timeout=10)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[server.Sandbox]:
    with server.start(tmp_path / "box", rules=rules.DEMO) as running:
        yield running


def test_it_keeps_what_it_accepts_as_it_came(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(letter())
    entry = sandbox.store.newest()[0]
    assert entry.recipients == ("anna@example.hu",)
    assert entry.message_id == "<anna@example.hu>"
    kept = sandbox.store.read(entry)
    assert b"\r\n.pont" in kept
    assert kept.endswith(b"--\r\n")
    assert list(store.accepted(sandbox.store.folder)) == [("<anna@example.hu>", "anna@example.hu")]


def test_it_survives_a_restart_and_a_torn_index(tmp_path: Path) -> None:
    with server.start(tmp_path) as first, client(first) as smtp:
        smtp.send_message(letter("egy@example.hu"))
        smtp.send_message(letter("ketto@example.hu"))
    with (tmp_path / "1.index").open("ab") as index:
        index.write(b'{"id": 3, "at"')
    with server.start(tmp_path) as second:
        with client(second) as smtp:
            smtp.send_message(letter("harom@example.hu"))
        newest = second.store.newest()
        assert [entry.id for entry in newest] == [3, 2, 1]
        assert b"egy@example.hu" in second.store.read(newest[2])
        assert b"harom@example.hu" in second.store.read(newest[0])


def test_it_drops_the_oldest_when_full_but_not_their_lines(tmp_path: Path) -> None:
    with server.start(tmp_path, limit=80_000) as sandbox:
        with client(sandbox) as smtp:
            for number in range(40):
                smtp.sendmail(
                    "a@example.hu", f"{number}@example.hu", f"Subject: x\r\n\r\n{'y' * 4000}"
                )
        kept = sandbox.store.newest()
        assert kept[0].recipients == ("39@example.hu",)
        assert 10 < len(kept) < 30
        assert all(sandbox.store.read(entry) for entry in kept)
        assert sandbox.store.find(1) is None
        assert get(sandbox, "/m/1")[0] == 404
    assert sum(path.stat().st_size for path in tmp_path.glob("*.mail")) <= 80_000
    assert len(list(store.accepted(tmp_path))) == 40


def test_it_is_the_only_one_in_its_folder(tmp_path: Path) -> None:
    with server.start(tmp_path), pytest.raises(store.FolderInUse):
        server.start(tmp_path)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("no-such-person@example.hu", 550),
        ("mailbox-full@example.hu", 452),
        ("greylist-1@example.hu", 451),
        ("anyone@no-such.example", 550),
    ],
)
def test_it_refuses_recipients_by_rule(sandbox: server.Sandbox, address: str, code: int) -> None:
    with client(sandbox) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.send_message(letter(address))
        assert refused.value.recipients[address][0] == code
        smtp.send_message(letter("anna@example.hu"))
    assert [entry.recipients[0] for entry in sandbox.store.newest()] == ["anna@example.hu"]


def test_it_accepts_the_greylisted_the_second_time(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(letter("Greylist@example.hu"))
        smtp.send_message(letter("greylist@example.hu"))
    assert len(sandbox.store.newest()) == 1


def test_it_refuses_by_policy_after_the_message(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(letter("blocked@example.hu"))
    assert refused.value.smtp_code == 550
    assert not sandbox.store.newest()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("busy@example.hu", 0),
        ("drop-data@example.hu", 0),
        ("drop-body@example.hu", 0),
        ("drop-end@example.hu", 0),
        ("drop-stored@example.hu", 1),
    ],
)
def test_it_drops_the_connection_where_it_is_told(
    sandbox: server.Sandbox, address: str, kept: int
) -> None:
    with pytest.raises((smtplib.SMTPException, OSError)):
        client(sandbox).send_message(letter(address))
    assert len(sandbox.store.newest()) == kept
    with client(sandbox) as smtp:
        smtp.send_message(letter(address))
    assert len(sandbox.store.newest()) == kept + 1


def test_it_counts_every_nth_match() -> None:
    book = rules.Book([Rule("*", at="end", drop=True, every=3)])
    assert [book.act([f"{n}@x"], "end") is not None for n in range(6)] == [False, False, True] * 2


@pytest.mark.parametrize("bad", [{"at": "nowhere"}, {"reply": "hello"}, {"reply": ""}])
def test_it_refuses_rules_that_make_no_sense(bad: dict[str, str]) -> None:
    with pytest.raises(rules.BadRule):
        Rule(**({"match": "*", "reply": "550 no"} | bad))  # type: ignore[arg-type]


def test_it_wants_the_right_password(tmp_path: Path) -> None:
    options = Options(users={"kert": "titok"})
    with server.start(tmp_path, options=options) as sandbox, client(sandbox) as smtp:
        with pytest.raises(smtplib.SMTPSenderRefused):
            smtp.send_message(letter())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("kert", "rossz")
        smtp.login("kert", "titok")
        smtp.send_message(letter())
        assert len(sandbox.store.newest()) == 1


def test_it_lists_searches_and_shows(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        for number in range(60):
            smtp.send_message(letter(f"olvaso-{number}@example.hu", f"Levél {number}"))
    assert "60 messages, page 1 of 2" in get(sandbox, "/")[2]
    assert "olvaso-0@example.hu" in get(sandbox, "/?page=2")[2]
    assert "1 messages" in get(sandbox, "/?q=olvaso-59")[2]
    assert "Tavaszi" not in get(sandbox, "/?q=Lev%C3%A9l+7")[2]
    status, headers, page = get(sandbox, "/m/8")
    assert status == 200
    assert "Levél 7" in page
    assert 'action="https://example.hu/u/abc"' in page
    assert "script" not in headers["Content-Security-Policy"]
    assert 'href="https://example.hu/c/1/abc"' in get(sandbox, "/m/8?tab=text")[2]
    assert "List-Unsubscribe-Post" in get(sandbox, "/m/8?tab=headers")[2]
    assert "MIME-Version: 1.0" in get(sandbox, "/m/8?tab=source")[2]


def test_it_shows_html_without_letting_it_run(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(letter())
    _, headers, page = get(sandbox, "/m/1/html")
    assert '<base target="_blank">' in page
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_it_escapes_what_strangers_wrote(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(letter(subject="<script>alert(1)</script>"))
    for path in ("/", "/m/1", "/m/1?tab=headers", "/m/1?tab=source", "/?q=<script>"):
        assert "<script>" not in get(sandbox, path)[2]


def test_it_answers_only_to_its_own_names(sandbox: server.Sandbox) -> None:
    assert get(sandbox, "/", host="evil.example")[0] == 421
    assert get(sandbox, "/", host=f"127.0.0.1:{sandbox.web_port}")[0] == 200


@pytest.mark.parametrize("path", ["/x", "/m/99", "/m/x", "/m/1/part/9", "/m/1?tab=x", "/m/²"])
def test_it_has_an_answer_to_wrong_addresses(sandbox: server.Sandbox, path: str) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(letter())
    assert web.answer(sandbox.store, path).status == 404


def test_it_gives_json_to_programs(sandbox: server.Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(letter("a@example.hu"))
        smtp.send_message(letter("b@example.hu"))
    found = json.loads(get(sandbox, "/api/messages?q=b@example.hu")[2])
    assert found["total"] == 1
    assert found["messages"][0]["subject"] == "Tavaszi ajánlat"


def test_it_runs_as_a_process_and_loses_nothing_when_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hirnok.sandbox", "--smtp-port", "0", "--web-port", "0"]
    command += ["--host", "127.0.0.1", "--folder", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    with smtplib.SMTP("127.0.0.1", ready["smtp"], timeout=10) as smtp:
        smtp.send_message(letter())
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        smtp.close()
    process.stdout.close()
    kept = store.Store(tmp_path, 1_000_000)
    assert [entry.recipients[0] for entry in kept.newest()] == ["anna@example.hu"]
    kept.close()
