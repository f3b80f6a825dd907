from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from hirnok.ui import wizard
from hirnok.ui.progress import Progress, progress_response


def test_it_knows_share_rate_and_time_left() -> None:
    progress = Progress("Import", done=200, total=1000, seconds=4)
    assert (progress.share, progress.rate, progress.left, progress.tenth) == (0.2, 50, 16, 20)


def test_it_claims_nothing_before_it_knows() -> None:
    progress = Progress("Import", done=0, total=None)
    assert (progress.share, progress.rate, progress.left) == (None, None, None)


@given(
    done=st.integers(0, 10**7),
    total=st.one_of(st.none(), st.integers(0, 10**7)),
    seconds=st.floats(0, 10**6),
)
def test_it_never_exceeds_its_bounds(done: int, total: int | None, seconds: float) -> None:
    progress = Progress("Import", done=done, total=total, seconds=seconds)
    assert progress.share is None or 0 <= progress.share <= 1
    assert progress.left is None or progress.left >= 0


def test_it_answers_a_poll_with_the_new_figures(rf: RequestFactory) -> None:
    progress = Progress("Import", done=200, total=1000, seconds=4, unit="rows")
    response = progress_response(rf.get("/"), progress, then="/result/")
    assert response.status_code == 200
    assert "200 of 1,000 rows" in response.content.decode()
    assert "20 percent done" in response.content.decode()
    assert "HX-Redirect" not in response


def test_it_goes_to_the_result_when_finished(rf: RequestFactory) -> None:
    progress = Progress("Import", done=1000, total=1000, finished=True)
    response = progress_response(rf.get("/"), progress, then="/result/")
    assert (response.status_code, response["HX-Redirect"]) == (286, "/result/")


def test_it_links_only_the_steps_behind() -> None:
    steps = wizard.steps([("File", "/1"), ("Columns", "/2"), ("Check", "/3")], current=1)
    assert [(step.state, step.url) for step in steps] == [
        ("done", "/1"),
        ("current", ""),
        ("ahead", ""),
    ]
