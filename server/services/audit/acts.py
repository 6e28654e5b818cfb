"""The acts that the log names, and the columns whose values it may hold.

Each act has its words in the desk's catalogues under `audit.act.<act>` (tests/desk/test_words.py compares them).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

Value = str | int | None
"""An id, a known word, a number, a day. Never what a person typed."""
Values = Mapping[str, Value]
About = tuple[str, str]
"""(kind, id) of what the act was done to."""


class Act(StrEnum):
    """Every act."""

    CHAIN_BEGUN = "chain_begun"
    HEADS_BEGUN = "heads_begun"
    HEADS_ACCEPTED = "heads_accepted"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # the act
    WRONG_CODE = "wrong_code"
    WRONG_SECOND_FACTOR = "wrong_second_factor"
    CODE_MADE = "code_made"
    CODE_USED = "code_used"
    LINK_MADE = "link_made"
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105  # the act
    PASSWORD_REMOVED = "password_removed"  # noqa: S105  # the act
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the act
    SESSIONS_ENDED = "sessions_ended"
    SECOND_FACTOR_GIVEN = "second_factor_given"
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_ENDED = "second_factor_ended"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    FACTOR_REQUIRED = "factor_required"
    FACTOR_NOT_REQUIRED = "factor_not_required"
    HANDED_OVER = "handed_over"
    ABSENCE_NOTED = "absence_noted"
    ABSENCE_ENDED = "absence_ended"
    DEVICE_ADDED = "device_added"
    DEVICE_CONFIRMED = "device_confirmed"
    DEVICE_REPLACED = "device_replaced"
    DEVICE_REVOKED = "device_revoked"
    DEVICE_TAKEN_BACK = "device_taken_back"
    TAKE_BACK_UNDONE = "take_back_undone"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_CHANGED = "account_changed"
    TRAINING_BEGUN = "training_begun"
    TRAINING_CONFIRMED = "training_confirmed"
    TRAINING_REFUSED = "training_refused"
    TRAINING_ENDED = "training_ended"
    ROLE_GIVEN = "role_given"
    ROLE_ENDED = "role_ended"
    UNIT_ADDED = "unit_added"
    UNITS_IMPORTED = "units_imported"
    UNIT_MERGED = "unit_merged"
    UNIT_MOVED = "unit_moved"
    UNIT_SPLIT = "unit_split"
    UNIT_SPLIT_TAKEN_BACK = "unit_split_taken_back"
    CAMPAIGN_OPENED = "campaign_opened"
    CAMPAIGN_STATUS = "campaign_status"
    CAMPAIGN_AMENDED = "campaign_amended"
    CAMPAIGN_DUE = "campaign_due"
    CAMPAIGN_DELETED = "campaign_deleted"
    CAMPAIGN_FILE_ADDED = "campaign_file_added"
    CAMPAIGN_FILE_ANSWERED = "campaign_file_answered"
    CAMPAIGN_FILE_REMOVED = "campaign_file_removed"
    ORDERING_LETTER = "ordering_letter"
    HINTS_GRADED = "hints_graded"
    SEALED = "sealed"
    SEAL_TAKEN_BACK = "seal_taken_back"
    FIGURES_LOCKED = "figures_locked"
    FIGURES_UNLOCKED = "figures_unlocked"
    FIGURES_REOPENED = "figures_reopened"
    REOPENING_ASKED = "reopening_asked"
    TOTAL_STATED = "total_stated"
    TOTAL_CONFIRMED = "total_confirmed"
    TOTAL_WITHDRAWN = "total_withdrawn"
    MONEY_STATED = "money_stated"
    PAPER_LISTED = "paper_listed"
    PAPER_REMOVED = "paper_removed"
    PRIOR_TAKEN = "prior_taken"
    PRIOR_DROPPED = "prior_dropped"
    ANNEX_ENTERED = "annex_entered"
    ANNEX_FROZEN = "annex_frozen"
    ANNEX_READ = "annex_read"
    ANNEX_EXPORTED = "annex_exported"
    REGIMES_TAKEN = "regimes_taken"
    REST_DAY_CHANGED = "rest_day_changed"
    CASE_RIGHT_PROPOSED = "case_right_proposed"
    CASE_RIGHT_GIVEN = "case_right_given"
    CASE_RIGHT_ENDED = "case_right_ended"
    CASE_KEY_MADE = "case_key_made"
    CASE_KEY_FORGOTTEN = "case_key_forgotten"
    CASE_KEY_OPENED = "case_key_opened"
    WRONG_CASE_KEY = "wrong_case_key"
    KEY_HOLDER_WAITS = "key_holder_waits"
    KEY_HOLDER_ADMITTED = "key_holder_admitted"
    KEY_HOLDER_CHANGED = "key_holder_changed"
    KEY_HOLDER_LOST = "key_holder_lost"
    RECOVERY_SHEET_MADE = "recovery_sheet_made"
    RECOVERY_SHEET_USED = "recovery_sheet_used"
    REPORT_WRITTEN = "report_written"
    PAPER_MADE = "paper_made"
    PAPER_STEP = "paper_step"
    PAPER_FILED = "paper_filed"
    LETTERHEAD_SAVED = "letterhead_saved"
    FORM_ADDED = "form_added"
    FORM_REMOVED = "form_removed"
    DECIDED = "decided"
    DECISION_UNDONE = "decision_undone"
    APPROVED_TOGETHER = "approved_together"
    APPROVED_BY_SAMPLE = "approved_by_sample"
    APPROVAL_UNDONE = "approval_undone"
    ANSWERED_TOGETHER = "answered_together"
    ANSWERS_UNDONE = "answers_undone"
    SAMPLE_RULE_SET = "sample_rule_set"
    PHOTO_MARKED = "photo_marked"
    FACE_RULE_SET = "face_rule_set"
    PURGED = "purged"
    RESCUE_READ = "rescue_read"
    RESCUE_TAKEN = "rescue_taken"
    EXPORTED = "exported"
    EXPORT_LINK_MADE = "export_link_made"
    EXPORT_LINK_USED = "export_link_used"
    EXPORT_LINK_ENDED = "export_link_ended"
    PEOPLE_READ = "people_read"
    LOG_READ = "log_read"
    RESTORED = "restored"
    RESTORE_CONFIRMED = "restore_confirmed"
    KEY_ADDED = "key_added"
    KEY_RETIRED = "key_retired"
    BACKUP_BEGUN = "backup_begun"
    BACKUP_DONE = "backup_done"
    BACKUP_FAILED = "backup_failed"
    RESTORE_TRIED = "restore_tried"
    COMMAND_RUN = "command_run"
    DAYS_REMOVED = "days_removed"


QUICK: Final = frozenset({Act.DECIDED, Act.DECISION_UNDONE})
"""Acts that come many in a minute: their head is written outside the database once a minute (log.py)."""
COLUMNS: Final = frozenset(
    {
        "accounts",
        "amount",
        "before",
        "campaign",
        "days",
        "figure",
        "format",
        "freeze",
        "from",
        "hash",
        "kind",
        "officer",
        "page",
        "role",
        "seconds",
        "size",
        "source",
        "state",
        "status",
        "table",
        "to",
        "unit",
        "verdict",
    }
)
"""Columns whose old and new value a line may hold. Never a field of a record, a text or a secret.

`amount`: of a figure's total that no record shows, which is stated by an act of its own.
"""
ABOUT: Final = (
    "backup",
    "campaign",
    "chain",
    "command",
    "day",
    "device",
    "file",
    "heads",
    "key",
    "link",
    "officer",
    "paper",
    "record",
    "rescue",
    "restore",
    "unit",
)
"""Kinds of what an act is done to."""
_ID = re.compile(r"[A-Za-z0-9_.:@/ -]{0,64}")
_WORD = re.compile(r"[A-Za-z0-9_.:-]{0,32}")
"""Short enough that no session of the desk (43 characters) and no hash fits, and without blanks: no sentence does."""
_SECRET = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_-]{22,}")
"""A device's token: longer than an id, and small letters among capitals."""


class NotNameable(ValueError):  # noqa: N818  # a programming error
    """A value that must not be in the log."""


def written(values: Values | None) -> str:
    """Return the values as JSON text; empty if there are none. Raises NotNameable."""
    if not values:
        return ""
    for name, value in values.items():
        if name not in COLUMNS:
            raise NotNameable(name)
        is_word = _WORD.fullmatch(str(value)) and not _SECRET.fullmatch(str(value))
        if not (value is None or isinstance(value, int) or is_word):
            raise NotNameable(name)  # not the value: it would be in the server's log
    return json.dumps(dict(values), sort_keys=True, separators=(",", ":"))


def checked(about: About | None) -> About:
    """Return what the act is about; two empty texts if nothing. Raises NotNameable."""
    kind, id_ = about or ("", "")
    if not (kind in ("", *ABOUT) and _ID.fullmatch(id_)):
        raise NotNameable(kind)
    return kind, id_


def unit_of(about: About, *values: Values | None) -> str:
    """Return the unit that a line concerns, by which the page filters; empty if none is named."""
    if about[0] == "unit":
        return about[1]
    return next((str(each["unit"]) for each in values if each and each.get("unit")), "")
