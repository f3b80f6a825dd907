"""The SMTP dialogue without a socket: what is written after which answer, and what becomes of each message."""

import itertools
from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hirnok.engine.replies import BadReply, Reader, Reply
from hirnok.engine.smtp import Dialogue, Setup, Stage

PIPELINING = b"250-relay\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
CHUNKING = b"250-relay\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
PLAIN = b"250 relay\r\n"


@dataclass
class Job:
    number: int
    sender: bytes = b"hirek@alma.example"
    may_have_dots: bool = False
    body: bytes = b"Subject: x\r\n\r\nSzia\r\n"

    @property
    def recipient(self) -> bytes:
        return b"r%d@example.hu" % self.number


@dataclass
class Supply:
    """Hands out jobs and remembers what became of them."""

    waiting: deque[Job]
    alive: bool = True
    done: list[tuple[int, str, int]] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)

    def take(self) -> Job | None:
        return self.waiting.popleft() if self.waiting else None

    def may_send(self, job: Job) -> bool:
        return self.alive

    def answered(self, job: Job, stage: Stage, reply: Reply) -> None:
        self.done.append((job.number, stage, reply.code))

    def returned(self, job: Job, *, is_suspect: bool) -> None:
        self.back.append(job.number)

    def uncertain(self, job: Job) -> None:
        self.lost.append(job.number)


def supply(count: int = 3) -> Supply:
    return Supply(deque(Job(number) for number in range(count)))


def opened(jobs: Supply, hello: bytes = PIPELINING, **setup: object) -> Dialogue[Job]:
    dialogue = Dialogue(Setup(**setup), jobs)  # type: ignore[arg-type]
    dialogue.receive(b"220 hello\r\n")
    assert b"".join(dialogue.output()) == b"EHLO localhost\r\n"
    dialogue.receive(hello)
    return dialogue


def envelope(number: int) -> bytes:
    return b"MAIL FROM:<hirek@alma.example>\r\nRCPT TO:<r%d@example.hu>\r\nDATA\r\n" % number


def say(dialogue: Dialogue[Job], *replies: str) -> bytes:
    dialogue.receive("".join(f"{reply}\r\n" for reply in replies).encode())
    return b"".join(dialogue.output())


def test_it_lets_the_next_envelope_ride_behind_the_final_dot() -> None:
    jobs = supply(2)
    dialogue = opened(jobs)
    assert b"".join(dialogue.output()) == envelope(0)
    assert say(dialogue, "250 ok", "250 ok", "354 go") == Job(0).body + b".\r\n" + envelope(1)
    assert say(dialogue, "250 kept", "250 ok", "250 ok", "354 go") == Job(1).body + b".\r\n"
    assert say(dialogue, "250 kept") == b""
    assert jobs.done == [(0, "end", 250), (1, "end", 250)]


def test_it_waits_for_every_answer_without_pipelining() -> None:
    jobs = supply(2)
    dialogue = opened(jobs, PLAIN)
    assert b"".join(dialogue.output()) == b"MAIL FROM:<hirek@alma.example>\r\n"
    assert say(dialogue, "250 ok") == b"RCPT TO:<r0@example.hu>\r\n"
    dialogue.wake()
    assert b"".join(dialogue.output()) == b""
    assert say(dialogue, "250 ok") == b"DATA\r\n"
    assert say(dialogue, "354 go") == Job(0).body + b".\r\n"
    dialogue.wake()
    assert b"".join(dialogue.output()) == b""
    assert say(dialogue, "250 kept") == b"MAIL FROM:<hirek@alma.example>\r\n"
    assert say(dialogue, "550 5.7.1 no") == b""
    assert jobs.done == [(0, "end", 250), (1, "mail", 550)]


def test_it_resets_after_a_refused_recipient_without_pipelining() -> None:
    jobs = supply(2)
    dialogue = opened(jobs, PLAIN)
    dialogue.output()
    say(dialogue, "250 ok")
    assert say(dialogue, "550 5.1.1 nobody") == b"RSET\r\n"
    assert say(dialogue, "250 ok") == b"MAIL FROM:<hirek@alma.example>\r\n"
    assert jobs.done == [(0, "rcpt", 550)]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_it_goes_on_after_a_refused_envelope(stage: str) -> None:
    jobs = supply(2)
    dialogue = opened(jobs)
    dialogue.output()
    answers = {
        "mail": ("550 no", "503 first MAIL", "503 first RCPT"),
        "rcpt": ("250 ok", "550 5.1.1 nobody", "554 no recipients"),
        "data": ("250 ok", "250 ok", "451 later"),
    }[stage]
    assert say(dialogue, *answers) == b"RSET\r\n" + envelope(1)
    say(dialogue, "250 reset", "250 ok", "250 ok", "354 go")
    say(dialogue, "250 kept")
    assert jobs.done == [(0, stage, 451 if stage == "data" else 550), (1, "end", 250)]


def test_it_sends_nothing_to_a_server_that_wants_data_for_nobody() -> None:
    jobs = supply(2)
    dialogue = opened(jobs)
    dialogue.output()
    assert say(dialogue, "250 ok", "550 5.1.1 nobody", "354 go") == b".\r\n"
    assert say(dialogue, "554 no recipients") == envelope(1)
    assert jobs.done == [(0, "rcpt", 550)]


def test_it_takes_a_late_envelope_back_when_it_may_not_send_any_more() -> None:
    jobs = supply(1)
    dialogue = opened(jobs)
    jobs.alive = False
    dialogue.output()
    assert say(dialogue, "250 ok", "250 ok", "354 go") == b""
    assert dialogue.ended
    assert jobs.back == [0]
    assert not jobs.lost


def test_it_knows_what_is_uncertain_when_the_connection_is_lost() -> None:
    jobs = supply(3)
    dialogue = opened(jobs)
    say(dialogue, "250 ok", "250 ok", "354 go")
    dialogue.lost()
    assert (jobs.done, jobs.lost, jobs.back) == ([], [0], [1])


@pytest.mark.parametrize(
    ("answers", "done", "lost", "back"),
    [
        (["421 bye"], [], [], [0]),
        (["250 ok", "421 bye"], [(0, "rcpt", 421)], [], []),
        (["250 ok", "250 ok", "421 bye"], [], [], [0]),
        (["250 ok", "250 ok", "354 go", "421 bye"], [(0, "end", 421)], [], [1]),
        (["250 ok", "250 ok", "354 go", "250 ok", "421 bye"], [(0, "end", 250)], [], [1]),
        (["nonsense"], [], [], [0]),
        (["250 ok", "250 ok", "354 go", "nonsense"], [], [0], [1]),
    ],
)
def test_it_ends_at_421_and_at_nonsense(
    answers: list[str], done: list[object], lost: list[int], back: list[int]
) -> None:
    jobs = supply(2)
    dialogue = opened(jobs)
    say(dialogue, *answers)
    assert dialogue.ended
    assert dialogue.problem is not None
    assert (jobs.done, jobs.lost, jobs.back) == (done, lost, back)


def test_it_ends_a_connection_after_its_number_of_messages() -> None:
    jobs = supply(3)
    dialogue = opened(jobs, most_messages=2)
    say(dialogue, "250 ok", "250 ok", "354 go")
    assert b"MAIL" not in say(dialogue, "250 kept", "250 ok", "250 ok", "354 go")
    assert say(dialogue, "250 kept") == b"QUIT\r\n"
    assert dialogue.ended
    assert len(jobs.waiting) == 1
    assert not jobs.back


def test_it_wakes_when_there_is_something_to_send() -> None:
    jobs = supply(0)
    dialogue = opened(jobs)
    assert b"".join(dialogue.output()) == b""
    jobs.waiting.append(Job(7))
    dialogue.wake()
    assert b"".join(dialogue.output()) == envelope(7)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        (["554 go away"], "greeting"),
        (["220 hi", "550 who are you"], "hello"),
        (["220 hi", "250 relay"], "tls"),
        (["220 hi", "250-relay", "250 STARTTLS", "454 not now"], "tls"),
    ],
)
def test_it_says_where_the_opening_failed(answers: list[str], cause: str) -> None:
    dialogue = Dialogue(Setup(starttls=True), supply())
    say(dialogue, *answers)
    assert dialogue.problem is not None
    assert dialogue.problem.cause == cause


def test_it_says_hello_again_over_tls_before_the_password() -> None:
    dialogue = opened(supply(), b"250-relay\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", starttls=True, username="a", password="b")  # fmt: skip
    assert b"".join(dialogue.output()) == b"STARTTLS\r\n"
    say(dialogue, "220 go")
    assert dialogue.wants_tls
    dialogue.secured()
    assert b"".join(dialogue.output()) == b"EHLO localhost\r\n"
    assert say(dialogue, "250-relay", "250 AUTH PLAIN LOGIN") == b"AUTH PLAIN AGEAYg==\r\n"
    assert b"MAIL" in say(dialogue, "235 welcome")


def test_it_signs_in_step_by_step_with_login() -> None:
    dialogue = opened(supply(0), b"250-relay\r\n250 AUTH LOGIN\r\n", username="a", password="b")
    assert b"".join(dialogue.output()) == b"AUTH LOGIN\r\n"
    assert say(dialogue, "334 VXNlcm5hbWU6") == b"YQ==\r\n"
    assert say(dialogue, "334 UGFzc3dvcmQ6") == b"Yg==\r\n"
    say(dialogue, "535 5.7.8 wrong")
    assert dialogue.problem is not None
    assert (dialogue.problem.cause, dialogue.problem.code) == ("auth", 535)


def whole(number: int, *, behind: bool = False) -> bytes:
    return (
        (b"RSET\r\n" if behind else b"")
        + b"MAIL FROM:<hirek@alma.example>\r\nRCPT TO:<r%d@example.hu>\r\n" % number
        + b"BDAT %d LAST\r\n" % len(Job.body)
        + Job.body
    )


TAKEN = ("250 ok", "250 ok", "250 kept")
TAKEN_BEHIND = ("250 reset", *TAKEN)


def test_it_sends_whole_messages_behind_each_other_where_chunks_are_taken() -> None:
    jobs = supply(6)
    dialogue = opened(jobs, CHUNKING)
    assert b"".join(dialogue.output()) == whole(0)
    dialogue.wake(9)
    behind = b"".join(dialogue.output())
    assert behind == b"".join(whole(number, behind=True) for number in (1, 2, 3))  # no more
    assert say(dialogue, *TAKEN, *TAKEN_BEHIND) == b"".join(
        whole(number, behind=True) for number in (4, 5)
    )
    assert say(dialogue, *TAKEN_BEHIND * 4) == b""
    assert jobs.done == [(number, "end", 250) for number in range(6)]
    assert dialogue.idle
    jobs.waiting.append(Job(7))
    dialogue.wake()
    assert b"".join(dialogue.output()) == whole(7)  # alone and after a good one: without RSET


def test_chunks_have_the_dots_that_data_doubles() -> None:
    body = b".a\r\nb\r\n..c\r\n"
    for hello, wanted in ((CHUNKING, body), (PIPELINING, b"..a\r\nb\r\n...c\r\n.\r\n")):
        jobs = Supply(deque([Job(0, body=body, may_have_dots=True)]))
        dialogue = opened(jobs, hello)
        written = b"".join(dialogue.output()) + say(dialogue, "250 ok", "250 ok", "354 go")
        assert written.endswith(b"\r\n" + wanted)


@pytest.mark.parametrize(
    ("hello", "setup"),
    [(b"250-relay\r\n250 CHUNKING\r\n", {}), (CHUNKING, {"depth": 0})],
)
def test_it_sends_no_chunks_without_pipelining_or_when_told_not_to(
    hello: bytes, setup: dict[str, object]
) -> None:
    dialogue = opened(supply(), hello, **setup)
    assert b"BDAT" not in b"".join(dialogue.output()) + say(dialogue, "250 ok", "250 ok")


@pytest.mark.parametrize(
    ("answers", "fate"),
    [
        (("550 no", "503 first MAIL", "503 no recipients"), ("mail", 550)),
        (("250 ok", "550 5.1.1 nobody", "554 no recipients"), ("rcpt", 550)),
        (("250 ok", "450 4.2.1 later", "554 no recipients"), ("rcpt", 450)),
        (("250 ok", "250 ok", "552 too big"), ("end", 552)),
        (("250 ok", "250 ok", "451 later"), ("end", 451)),
        (("250 ok", "550 nobody", "502 first RCPT"), ("rcpt", 550)),
    ],
)
def test_a_refusal_concerns_only_its_own_chunk(
    answers: tuple[str, ...], fate: tuple[str, int]
) -> None:
    jobs = supply(3)
    dialogue = opened(jobs, CHUNKING)
    dialogue.wake(2)
    dialogue.output()
    say(dialogue, *answers, *TAKEN_BEHIND, "250 reset", *answers)
    assert jobs.done == [(0, *fate), (1, "end", 250), (2, *fate)]
    jobs.waiting.append(Job(9))
    dialogue.wake()
    assert b"".join(dialogue.output()) == whole(9, behind=True)  # RFC 3030: RSET after a failure


@pytest.mark.parametrize(
    ("answers", "done", "lost", "back"),
    [
        ((), [], [0, 1, 2], []),
        (("250 ok", "250 ok"), [], [0, 1, 2], []),
        (("250 ok", "550 nobody"), [(0, "rcpt", 550)], [1, 2], []),
        ((*TAKEN, "250 reset"), [(0, "end", 250)], [1, 2], []),
        (("421 bye",), [], [], [0, 1, 2]),
        (("250 ok", "421 bye"), [(0, "rcpt", 421)], [], [1, 2]),
        (("250 ok", "250 ok", "421 bye"), [(0, "end", 421)], [], [1, 2]),
        ((*TAKEN, "250 reset", "421 bye"), [(0, "end", 250)], [], [1, 2]),
        ((*TAKEN, "421 bye"), [(0, "end", 250)], [], [1, 2]),
        (("250 ok", "nonsense"), [], [0, 1, 2], []),
        (("250 ok", "250 ok", "502 what?"), [], [], [0, 1, 2]),
    ],
)
def test_it_accounts_for_every_chunk_when_the_connection_is_lost(
    answers: tuple[str, ...], done: list[object], lost: list[int], back: list[int]
) -> None:
    jobs = supply(4)
    dialogue = opened(jobs, CHUNKING)
    dialogue.wake(2)
    jobs.waiting.clear()
    say(dialogue, *answers)
    dialogue.lost()
    assert (jobs.done, jobs.lost, jobs.back) == (done, lost, back)
    assert dialogue.refuses_chunks is (answers[-1:] == ("502 what?",))
    assert dialogue.broke is bool(lost)


def test_chunks_are_not_begun_when_they_may_not_be_sent_any_more() -> None:
    jobs = supply(2)
    jobs.alive = False
    dialogue = opened(jobs, CHUNKING)
    assert b"".join(dialogue.output()) == b""
    assert jobs.back == [0]
    assert not dialogue.ended


def test_a_connection_with_chunks_ends_after_its_number_of_messages() -> None:
    jobs = supply(4)
    dialogue = opened(jobs, CHUNKING, most_messages=2)
    dialogue.wake(5)
    assert b"".join(dialogue.output()) == whole(0) + whole(1, behind=True)
    assert say(dialogue, *TAKEN) == b""
    assert say(dialogue, *TAKEN_BEHIND) == b"QUIT\r\n"
    assert len(jobs.waiting) == 2


def test_nothing_waits_behind_a_message_where_answers_take_long() -> None:
    jobs = supply(5)
    dialogue = opened(jobs, CHUNKING)
    dialogue.wake(1)
    dialogue.is_slow = True
    dialogue.wake(2)
    dialogue.output()
    assert len(jobs.waiting) == 3
    assert say(dialogue, *TAKEN) == b""
    assert say(dialogue, *TAKEN_BEHIND) == whole(2)


def test_large_messages_do_not_pile_up() -> None:
    jobs = Supply(deque(Job(number, body=b"x" * 200_000 + b"\r\n") for number in range(4)))
    dialogue = opened(jobs, CHUNKING)
    dialogue.wake(4)
    assert len(jobs.waiting) == 2


@given(st.lists(st.integers(1, 40), max_size=30))
@settings(max_examples=50, deadline=None)
def test_it_reads_replies_however_they_are_cut(cuts: list[int]) -> None:
    stream = b"220 hi\r\n250-a\r\n250-b c\r\n250 d\r\n354 go\n550-5.1.1 no\r\n550 5.1.1 user\r\n"
    reader, found, at = Reader(), [], 0
    for cut in itertools.chain(cuts, [len(stream)]):
        found += reader.feed(stream[at : at + cut])
        at += cut
    assert [reply.code for reply in found] == [220, 250, 354, 550]
    assert found[1].lines == ["a", "b c", "d"]
    assert found[3].text == "5.1.1 no\n5.1.1 user"


@pytest.mark.parametrize("line", [b"hello\r\n", b"99 x\r\n", b"2500 x\r\n", b"\r\n", b"x" * 70_000])
def test_it_refuses_what_is_no_reply(line: bytes) -> None:
    with pytest.raises(BadReply):
        list(Reader().feed(line))


_ANSWERS = st.sampled_from(
    ["250 ok", "354 go", "450 later", "502 what?", "550 5.1.1 nobody", "421 bye", "554 no", "250-a\r\n250 b", "nonsense"]
)  # fmt: skip


@given(
    st.lists(_ANSWERS, max_size=25), st.sampled_from([PIPELINING, PLAIN, CHUNKING]), st.booleans()
)
@settings(max_examples=200, deadline=None)
def test_it_accounts_for_every_message_once_whatever_the_server_says(
    answers: list[str], hello: bytes, alive: bool
) -> None:
    jobs = supply(5)
    jobs.alive = alive
    dialogue = opened(jobs, hello)
    for answer in answers:
        say(dialogue, answer)
        dialogue.wake(2)
    dialogue.lost()
    taken = 5 - len(jobs.waiting)
    fates = [number for number, _, _ in jobs.done] + jobs.lost + jobs.back
    assert sorted(fates) == list(range(taken))
