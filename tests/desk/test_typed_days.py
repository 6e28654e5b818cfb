"""V-6: days at the desk are typed and shown as an office writes them; addresses have ISO days."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from support.clients.desk import MakeDesk

pytestmark = pytest.mark.databases("sqlite")
TEMPLATES = Path(__file__).parents[2] / "server" / "desk" / "templates"


def test_no_form_leaves_a_day_to_the_browsers_language() -> None:
    pages = [path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")]
    assert not [page[:80] for page in pages if 'type="date' in page or "datetime-local" in page]
    assert sum("day_input(" in page for page in pages) > 10


def test_a_filter_leads_to_an_iso_address_and_old_links_stay(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/exports")
    typed = {"since": "5/8", "until": "05-08-2021", "q": "1/2", "typed_day": ["since", "until"]}
    answer = one.http.get("/desk/exports", query_string=typed | {"since": "5/8/2021"})
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked == {"since": ["2021-08-05"], "until": ["2021-08-05"], "q": ["1/2"]}
    one.get(answer.headers["Location"])
    assert 'name="since" value="05/08/2021"' in one.html
    one.get("/desk/exports?since=2021-08-05")
    assert 'name="since" value="05/08/2021"' in one.html


def test_a_day_that_is_none_is_asked_for_again_and_all_else_stays(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/statements")
    form = one.form("/statements/papers")
    sent = {"type": "plan", "symbol": "12/KH-UBND", "subject": "Triển khai <đợt>"}
    answer = one.post(form, issued_on="31/02/2021", **sent)
    assert answer.status_code == 422
    assert "Chưa hiểu ngày “31/02/2021”" in one.text
    again = one.form("/statements/papers")
    assert {name: again.values[name] for name in sent} == {name: [text] for name, text in sent.items()}
    assert again.values["issued_on"] == ["31/02/2021"]
    for more in ("05/07/2021 abc", "05/07/2021 25:99"):
        assert one.post(one.form("/statements/papers"), issued_on=more).status_code == 422
        assert f"Chưa hiểu ngày “{more}”" in one.text
    again = one.form("/statements/papers")
    assert one.post(again, issued_on="5/7/2021").status_code == 303
    one.follow()
    assert "05/07/2021" in one.text
