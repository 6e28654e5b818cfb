"""Both languages say everything, and nothing is said that no page shows."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from babel import Locale

from server.core.acting import ActorKind
from server.desk import words
from server.desk.administration.accounts import ABSENCE
from server.desk.administration.accounts import FIELDS as PERSON_FIELDS
from server.desk.audit.audit import COLUMNS as AUDIT_COLUMNS
from server.desk.documents.documents import ORDER
from server.desk.documents.letterhead import INPUTS
from server.desk.formats import day, moment, near_moment
from server.desk.organisation.people import PAPERS
from server.desk.recording.computer_photos import FAULTS as PHOTO_FAULTS
from server.desk.reports.road import STATIONS
from server.desk.review.results_url import VIEWS
from server.desk.showing import field_label
from server.services.access.own_password import PasswordRefusal
from server.services.access.password_rules import PasswordFault
from server.services.access.second_factor import CodeOutcome
from server.services.administration.device_list import DeviceState
from server.services.administration.mergers import FAULTS as MERGE_FAULTS
from server.services.administration.roster_faults import FAULTS as ROSTER_FAULTS
from server.services.administration.roster_sheet import KINDS as ROSTERS
from server.services.administration.seen_marks import ASPECTS
from server.services.administration.taking_back import Fate
from server.services.airing_log.reading import FAULTS as LOG_FAULTS
from server.services.audit.acts import ABOUT, COLUMNS, Act
from server.services.campaigns.files import USES
from server.services.campaigns.lifecycle import STATUSES
from server.services.cases import case_log, lists
from server.services.cases.showing import TASKS
from server.services.checklist.regimes import EVENTS
from server.services.checklist.uploading import FAULTS as VERSION_FAULTS
from server.services.comparison.drafts import CAMPAIGN, CSV, FREEZE, LOST, PASTE, XLSX
from server.services.comparison.reading import FAULTS as CELL_FAULTS
from server.services.confidential import annexes
from server.services.exports.table_files import KINDS_BY_FORM
from server.services.faces.marks import RULES as FACE_RULES
from server.services.figures import charting
from server.services.figures.plan_cells import PlanState
from server.services.figures.table import MODES
from server.services.hints.rules import GRADES, RULES
from server.services.jobs.leases import CODES as JOB_CODES
from server.services.jobs.leases import STATES
from server.services.jobs.running import UNAVAILABLE
from server.services.keyholders import losing
from server.services.letters.citing import LACKS
from server.services.letters.recognition.found import FIELDS, FIGURE, NOTES
from server.services.letters.understanding import FAULTS
from server.services.organisation import people
from server.services.organisation.split_faults import CHOICES as SPLIT_CHOICES
from server.services.organisation.split_faults import FAULTS as SPLIT_FAULTS
from server.services.organisation.split_undo import REASONS as SPLIT_KEPT
from server.services.progress.board import CHOICES
from server.services.records.readiness import Readiness
from server.services.reports.content import ANNEXES
from server.services.reports.text.sections import FIELDS as TEXT_FIELDS
from server.services.reports.text.statements import SOURCES, TYPES
from server.services.reports.word import own_template
from server.services.reports.workflow.papers import KINDS as PAPER_KINDS
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.reports.workflow.settings import CODES as PREFLIGHT
from server.services.reports.workflow.settings import NAMES as SETTINGS
from server.services.reports.workflow.signed_pdf import CODES as UNFIT_CODES
from server.services.review.answering import LEFT
from server.services.review.answering import WHICH as ANSWERED
from server.services.review.bulk import WHICH
from server.services.review.queue import FILTERS
from server.services.review.results_filter import ANSWERS
from server.services.review.warning_rules import OWN, SHOWN
from server.services.totals.in_force import Reach, TotalAct, TotalSource
from server.services.totals.reading import DOUBTS, WHYS
from server.services.units.scope import ROLES
from server.serving.installation import installed
from support.world.world import World
from sync.amount import Unread
from sync.errors import CODES
from sync.record import VERDICTS, WITHDRAWN
from sync.registry import KINDS
from sync.text import sort_key

pytestmark = pytest.mark.databases("sqlite")

DESK = Path(words.__file__).parent
SYNC = DESK.parent.parent / "sync"
RESULT_COLUMNS = ("number", "day", "title", "state", "by", "photos", "place")
ROAD = ("", "_text", "_go")
FIELD = re.compile(r"\{(\w*)\}")


def sources() -> str:
    found = [*DESK.rglob("*.py"), *DESK.glob("templates/**/*.html"), *(DESK.parent / "capabilities").glob("*.py")]
    return "\n".join(path.read_text("utf-8") for path in found)


def used() -> set[str]:
    """Keys named in templates and code, and those put together at run time."""
    return (
        set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", sources()))
        | of_the_desk()
        | of_reports()
        | of_capabilities()
        | of_checks()
    )


def of_checks() -> set[str]:
    """What checks of the installation find, and what to do then: `check.disk.low.do`."""
    server = DESK.parent
    files = [*(server / "checks").glob("*.py"), server / "cli" / "doctor.py", server / "core" / "findings.py"]
    source = "".join(path.read_text("utf-8") for path in files)
    named = set(re.findall(r'HealthFinding\(\s*"(\w+)"', source))
    outcomes = {*re.findall(r'"(\w+)"', source), "files", "network", "programs"}
    found = {f"check.{name}.{outcome}" for name in named for outcome in outcomes}
    return (
        found | {f"{key}.do" for key in found} | {"check.all_good", "check.error", "check.mail_red", "check.mail_good"}
    )


def of_the_desk() -> set[str]:
    """Review, campaigns, accounts, jobs and the log, by their parts."""
    named: set[str] = set()
    named |= {f"unread.{code}" for code in Unread.CODES}
    named |= {f"done.{verdict}" for verdict in (*VERDICTS, WITHDRAWN)}
    named |= {f"bucket.{bucket}" for bucket in ("counted", "waiting", "returned", "with_waiting")}
    named |= {f"road.{step}{part}" for step in ("letter", "records", "review", "report") for part in ROAD}
    named |= {f"ending.{status}{text}" for status in STATUSES for text in ("", "_text")}
    named |= {f"done.campaign_{status}" for status in STATUSES}
    named |= {f"role.{role}" for role in ROLES} | {f"people.state_{state}" for state in people.STATES}
    named |= {f"fault.{code}" for code in CODES} | {f"campaign.{status}" for status in STATUSES}
    named |= {f"second.{outcome}" for outcome in CodeOutcome if outcome is not CodeOutcome.GOOD}
    named |= {f"password.{fault}" for fault in (PasswordFault.GUESSABLE, *PasswordRefusal)}
    named |= {f"jobs.{state}" for state in STATES} | {f"job_fault.{code}" for code in (*JOB_CODES, UNAVAILABLE)}
    named |= {"job_kind.access_compact", "job_kind.audit_retain", "job_kind.jobs_clear", "job_kind.confidential_reseal"}
    named |= {"job_kind.confidential_vacuum", *(f"job_kind.backups_{name}" for name in ("night", "hour", "trial"))}
    named |= {f"take_back.outcome_{outcome}" for outcome in Fate} | {"job_kind.administration_take_back"}
    named |= {f"take_back.{name}" for name in ("records", "decided", "counted", "alone")}
    named |= {f"audit.act.{act}" for act in Act} | {f"audit.value.{name}" for name in COLUMNS}
    own = (
        "handed_over.officer",
        "absence_noted.officer",
        "absence_ended.officer",
        "exported.amount",
        "backup_done.amount",
        "answered_together.status",
        *("photo_marked.amount", "photo_marked.hash", "photo_marked.status", "face_rule_set.status"),
    )
    named |= {f"audit.value.{name}" for name in (*own, "absence_noted.officer", "absence_ended.officer")}
    named |= {f"audit.kind.{kind}" for kind in (*ActorKind, *ABOUT)} | {
        f"audit.column.{name}" for name in AUDIT_COLUMNS
    }
    named |= {f"board.{choice}" for choice in CHOICES} | {f"plan.{state}" for state in PlanState}
    named |= {
        f"audit.status.{status}"
        for status in (*STATUSES, "locked", "unlocked", "rests", "works", "usual", *PaperState, *ANSWERED, *Fate)
    }
    named |= {f"audit.status.{face}{used}" for face in ("face", "no_face", "unanswered") for used in ("", "_unused")}
    named |= {f"audit.status.faces_{rule}" for rule in FACE_RULES} | {f"faces.rule_{rule}" for rule in FACE_RULES}
    named |= {f"faces.stays_{why}" for why in ("unused", "bare", "none")}
    tables = (
        *("board", "figures", "handover", "paper", "photos", "records", "report", "stamped"),
        *("supplement", "template"),
    )
    named |= {f"audit.table.{name}" for name in tables}
    named |= {f"draft_fault.{code}" for code in FAULTS} | {f"draft_note.{note}" for note in NOTES}
    named |= {f"mark.{field}" for field in FIELDS if field != FIGURE} | {f"files.{use}" for use in USES}
    return named | {
        f"queue.{name}"
        for name in FILTERS
        if name in ("todo", "unready", "flagged", "sample", "amended", "replied", "conflict", "all")
    }


def of_reports() -> set[str]:
    """Totals, locks, statements, papers and documents, by their parts."""
    named: set[str] = set()
    named |= {f"totals.reach_{reach}{long}" for reach in Reach for long in ("", "_long")}
    named |= {f"totals.source_{source}" for source in TotalSource} | {f"totals.act_{act}" for act in TotalAct}
    named |= {f"pasted.doubt_{doubt}" for doubt in DOUBTS} | {f"pasted.why_{why}" for why in WHYS}
    named |= {f"lock.count_{mode}" for mode in MODES} | {f"lock.totals_{choice}" for choice in ("apart", "in")}
    named |= {f"overview.{status}" for status in STATUSES}
    named |= {f"money.{source}" for source in SOURCES} | {f"paper.{type_}" for type_ in TYPES}
    named |= {f"prior_fault.{code}" for code in CELL_FAULTS} | {f"prior_lost.{code}" for code in LOST}
    named |= {f"airing_log.fault_{code}" for code in LOG_FAULTS}
    named |= {f"annex.{why}" for why in (annexes.UNREADABLE, annexes.MERGED)}
    named |= {f"case_key.lost_{why}" for why in losing.WHY.values()}
    named |= {f"case_key.state_{state}" for state in ("admitted", "lost", "none", "waiting")}
    named |= {f"prior_source.{source}" for source in (CAMPAIGN, CSV, FREEZE, PASTE, XLSX)}
    named |= {f"paper_state.{state}" for state in PaperState} | {f"paper_kind.{kind}" for kind in PAPER_KINDS}
    named |= {f"station.{code}" for code in STATIONS} | {f"pdf_unfit.{code}" for code in UNFIT_CODES}
    named |= {f"paper_done.{act}" for act in PaperAct} | {f"paper_make.{kind}" for kind in PAPER_KINDS[1:]}
    named |= {f"paper_act.{act}" for act in PaperAct if act is not PaperAct.MAKE}
    named |= {f"paper_person.{act}" for act in (PaperAct.APPROVE, PaperAct.SIGN)}
    named |= {f"preflight.{code}" for code in PREFLIGHT}
    named |= {f"{prefix}.{name}" for name in SETTINGS for prefix in ("setting", "setting_hint")}
    named |= {f"texts_hint.{name}" for name in TEXT_FIELDS}
    named |= {f"template_tag.{name}" for name in (*own_template.LINES, *own_template.LISTS, *own_template.FIELDS)}
    named |= {f"{of}.remove" for of in ("forms", "templates")}
    named |= {f"documents.{part}_{kind}" for part in ("kind", "about") for kind in ORDER} | {"job_kind.documents_make"}
    named |= {f"chart.{key}" for key in charting.WORD_KEYS}
    named |= {f"documents.annex_{name}" for name in ANNEXES} | {"documents.annexes", "documents.annexes_beside"}
    named |= {f"ordering.lack_{name}" for name in LACKS}
    named |= {f"documents.state_{state}" for state in (*STATES, "gone")}
    named |= {f"letterhead.{name}{part}" for name in INPUTS for part in ("", "_hint")}
    return named


def of_capabilities() -> set[str]:
    """Exports, hints, lists of people, cases, results, by their parts."""
    named: set[str] = set()
    named |= {
        f"cases.{prefix}_{word}"
        for prefix, words_ in (
            ("sex", lists.SEXES), ("age", lists.AGES), ("source", lists.SOURCES), ("basis", lists.BASES),
            ("consent", lists.CONSENTS), ("outcome", lists.OUTCOMES), ("tick", lists.STATES),
            ("task", TASKS), ("body", lists.BODIES), ("mistake", lists.MISTAKES), ("anew", lists.ANEW),
            ("reason", lists.REASONS), ("open", lists.WHY_OPEN), ("event", EVENTS[1:]), ("act", case_log.ACTS),
        )
        for word in words_
    }  # fmt: skip
    named |= {f"regimes_fault.{code}" for code in VERSION_FAULTS}
    named |= {f"documents.kind_{kind}" for kind in KINDS_BY_FORM.values()}
    named |= {f"exports.{part}_{form}" for part in ("form", "about") for form in KINDS_BY_FORM}
    named |= {f"exports.link_step_{step}" for step in range(1, 4)} | {
        f"computer_photos.{code}" for code in PHOTO_FAULTS
    }
    checked = {check.rule for kind in KINDS.values() for check in kind.checks}  # what they find is said by sync/
    named |= {f"hint_name.{rule}" for rule in RULES} | {f"hint_says.{rule}" for rule in RULES.keys() - checked}
    named |= {f"hints.grade_{grade}" for grade in GRADES} | {
        f"job_kind.{name}" for name in ("figures_keep", "hints_refresh", "likeness_compare")
    }
    unready = (Readiness.PHOTOS, Readiness.CHECKING)
    named |= {f"readiness.{state}" for state in (*unready, Readiness.FLAGGED)}
    parts = ("fast.left_out_", "fast.not_ready.", "decide.not_ready.", "decide.despite.", "decide.despite_said.")
    named |= {f"{part}{state}" for part in parts for state in unready}
    named |= {f"queue.below_{level}" for level in ("district", "commune", "several")}
    named |= {f"bulk.{which}" for which in WHICH} | {f"answering.left_{why}" for why in LEFT}
    named |= {f"warning.{name}" for name, _ in OWN if name not in SHOWN}
    named |= {f"roster.{part}{kind}" for part in ("", "columns_") for kind in ROSTERS}
    named |= {f"roster_fault.{code}" for code in ROSTER_FAULTS} | {f"merge_fault.{code}" for code in MERGE_FAULTS}
    named |= {f"split_fault.{code}" for code in SPLIT_FAULTS if code not in SPLIT_CHOICES}  # asked about in the form
    named |= {f"split_kept.{code}" for code in SPLIT_KEPT} | {f"seen.{aspect}" for aspect in ASPECTS}
    named |= (
        {f"person_fault.{name}" for name in (*PERSON_FIELDS, "unit")}
        | {f"absence.bad_{name}" for name in ABSENCE}
        | {f"cards.paper_{name}" for name in PAPERS}
    )
    named |= {f"devices.state_{state}" for state in DeviceState} | {"cards.text_a4"}
    named |= {f"training.state_{state}" for state in ("confirmed", "enrolled")}
    named |= {f"merge.{name}" for name in ("below", "records", "accounts", "devices", "planned", "seals", "totals")}
    named |= {f"results.view.{view}" for view in VIEWS} | {f"results.column.{name}" for name in RESULT_COLUMNS}
    named |= {f"results.answer_{answer}" for answer in ANSWERS}
    return named | {f"results.{name}" for name in ("photo", "place", "with", "without")}


def forms_of(text: words.Text) -> list[str]:
    return [text] if isinstance(text, str) else [form for name, form in text.items() if name != "by"]


def test_the_languages_have_the_same_keys_and_values_to_fill_in() -> None:
    vi, en = words.catalogue("vi"), words.catalogue("en")
    assert list(vi) == list(en)
    for key, sentence in vi.items():
        for form in forms_of(en[key]):
            assert sorted(FIELD.findall(str(sentence))) == sorted(FIELD.findall(form)), key


def test_a_text_with_forms_has_all_of_its_language_and_the_value_they_go_by() -> None:
    for key, text in words.catalogue("en").items():
        if not isinstance(text, str):
            assert set(text) == {"by", *Locale("en").plural_form.tags, "other"}, key
            assert f"{{{text['by']}}}" in text["other"], key
    assert all(isinstance(text, str) for text in words.catalogue("vi").values()), "Vietnamese nouns do not change"


def test_english_counts_one_record_and_two_records(world: World) -> None:
    with world.app.test_request_context(headers={"Cookie": "loa_language=en"}):
        said = [words.t("done.counted_several", count=count) for count in (0, 1, 2, 29125)]
        assert said == ["0 records approved.", "1 record approved.", "2 records approved.", "29,125 records approved."]
        unit = KINDS["banner"].fields[1].unit
        assert unit
        assert [words.quantity(count, unit) for count in (0, 1, 2)] == ["0 pieces", "1 piece", "2 pieces"]
    with world.app.test_request_context():
        assert [words.t("done.counted_several", count=count) for count in (1, 29125)] == [
            "Đã duyệt 1 bản ghi.",
            "Đã duyệt 29.125 bản ghi.",
        ]
        assert [words.quantity(count, unit) for count in (1, 1234)] == ["1 chiếc", "1.234 chiếc"]


def test_times_are_those_of_viet_nam_whatever_the_language(world: World) -> None:
    at_ms = 1627606740000  # 2021-07-30T00:59Z
    for cookie in ("vi", "en"):
        with world.app.test_request_context(headers={"Cookie": f"loa_language={cookie}"}):
            assert moment(at_ms) == "30/07/2021 07:59"
            assert near_moment(at_ms) == "30/07/2021 07:59"
            assert day("2021-07-30") == day(date(2021, 7, 30)) == "30/07/2021"
            assert day("no day") == "no day"
            assert moment(10**30) == words.t("moment.unreadable")


def test_no_key_is_missing_and_none_is_idle() -> None:
    known = set(words.catalogue("vi"))
    assert set(re.findall(r"""\bt\(["']([a-z_]+\.[a-z_]+)["'][,)]""", sources())) <= known
    assert known <= used()


def test_the_desk_says_nothing_of_a_phone_that_sends_again() -> None:
    for code in ("internal", "unavailable", "bad_write", "unauthenticated"):
        assert f"fault.{code}" in words.catalogue("vi")
    assert set(words.catalogue("vi")) >= {f"campaign.{status}" for status in STATUSES if status != "open"}


def test_a_chart_is_worded_alike_on_the_desk_and_in_a_report() -> None:
    """One catalogue is of the screen, the other of the report, which is Vietnamese whoever makes it."""
    desk = json.loads((DESK / "i18n" / "vi.json").read_text("utf-8"))
    report = json.loads((DESK.parent / "services" / "reports" / "words.vi.json").read_text("utf-8"))["texts"]
    assert {key: desk[f"chart.{key}"] for key in charting.WORD_KEYS} == {
        key: report[f"chart_{key}"] for key in charting.WORD_KEYS
    }


def test_each_kind_of_job_has_words(world: World) -> None:
    """Also those that the next capability registers."""
    for lang in words.LANGUAGES:
        with world.app.test_request_context():
            assert all(
                f"job_kind.{kind.replace('.', '_')}" in words.catalogue(lang)
                for kind in installed(world.app).jobs.kinds
            )


def test_what_is_said_by_the_day_has_its_day(world: World) -> None:
    with world.app.test_request_context():
        assert field_label(KINDS["broadcast"], "aired/20210721") == "Số lượt phát ngày 21/07/2021"
        assert field_label(KINDS["banner"], "aired/20210721") == "aired/20210721"


def test_official_screens_do_not_say_ban() -> None:
    assert not [sentence for sentence in words.catalogue("vi").values() if re.search(r"\bbạn\b", str(sentence).lower())]


def test_no_name_of_the_code_stands_in_a_sentence() -> None:
    """A rename over all files once wrote "ChosenFile the letter"."""
    code = "\n".join(path.read_text("utf-8") for path in (*DESK.parent.rglob("*.py"), *SYNC.rglob("*.py")))
    named = set(re.findall(r"^class _?([A-Z][a-z]+[A-Z]\w+)", code, re.MULTILINE))
    phone = DESK.parent.parent / "pwa/src/i18n"
    told = [phone.joinpath(f"{lang}.json").read_text("utf-8") for lang in words.LANGUAGES]
    told += [DESK.joinpath(f"i18n/{lang}.json").read_text("utf-8") for lang in words.LANGUAGES]
    assert len(named) > 300
    assert named.isdisjoint(re.findall(r"\w+", "\n".join(told)))


def test_templates_hold_no_inline_script_or_style() -> None:
    """The policy in server/serving/every_request.py would refuse them, silently."""
    for path in DESK.glob("templates/**/*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r'<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+="|javascript:', text), path.name


def test_names_stand_in_vietnamese_order() -> None:
    names = [
        "Xuân Dục",
        "Đức Thắng",
        "Dị Sử",
        "Ân Thi",
        "An Viên",
        "Hoa",
        "Hoá",
        "Hòa",
        "Hoà",
        "Ông Đình",
        "Ong",
        "Ích",
    ]
    assert sorted(names, key=sort_key) == [
        "An Viên", "Ân Thi", "Dị Sử", "Đức Thắng", "Hoa", "Hoà", "Hòa", "Hoá", "Ích", "Ong", "Ông Đình", "Xuân Dục"
    ]  # fmt: skip


_PLURAL = re.compile(
    r"\{(n|all|count|hits|days|hours|minutes|units|records|told|warned|silent|hand|own)\}(?:</?\w+>)?"
    r"(?: [a-z]+)? (?:[a-z]{2,}s|people)\b"
)
_TWO_AT_LEAST = {"results.map_several", "hint_says.number_day", "hint_says.number_round"}
_FIXED = {
    "absence.bad_last",
    "lock.reopen_most",
    "decide.code_maker",
    "board.early",
    "people.text",
    "jobs.text",
    "exports.links_text",
}
_NEVER_ONE = _TWO_AT_LEAST | _FIXED | {"case_key.is_open_text", "unit_field.more"}
"""Texts whose number is never one: of two at least, or one that the code fixes."""


def test_english_has_a_form_for_one_wherever_a_number_stands_before_a_plural() -> None:
    """No page says "1 copies"."""
    texts = json.loads((Path(words.__file__).parent / "i18n/en.json").read_text("utf-8"))
    told = {key for key, text in texts.items() if isinstance(text, str) and _PLURAL.search(text)}
    assert told == _NEVER_ONE
    assert [key for key, text in texts.items() if isinstance(text, dict) and "one" not in text] == []
