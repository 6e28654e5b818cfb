"""The tables, one file a capability, each named after its package in `server/services`.

Import them from here. A name imports its file when it is first asked for: to map a hundred tables takes 0.2 s, and a
command of `loa` reads a few. The application has all of them from the start (`complete()`).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.models.access import *
    from server.models.administration import *
    from server.models.audit import *
    from server.models.campaigns import *
    from server.models.cases import *
    from server.models.checklist import *
    from server.models.comparison import *
    from server.models.confidential import *
    from server.models.continuity import *
    from server.models.exchange import *
    from server.models.exports import *
    from server.models.faces import *
    from server.models.figures import *
    from server.models.hints import *
    from server.models.installation import *
    from server.models.jobs import *
    from server.models.keyholders import *
    from server.models.letters import *
    from server.models.likeness import *
    from server.models.organisation import *
    from server.models.photos import *
    from server.models.records import *
    from server.models.recovery import *
    from server.models.reports import *
    from server.models.review import *
    from server.models.totals import *
    from server.models.units import *

_FILES: Final = {
    "access": """
        DeskSession Device EnrolmentCode FailedTries PersonQuota RecoveryCode RequiredFactor SecondFactor
        WelcomeLink WrongCodes
    """,
    "administration": "Roster TakenBack TrainingDay TrainingRequest",
    "audit": "AuditDay AuditHead AuditLine WrongTry",
    "campaigns": "Campaign CampaignFile",
    "cases": "CaseCount CaseEntry CaseFile CaseLogLine CaseRight CaseTry PublicFigures",
    "checklist": "RegimeVersion RestDay",
    "comparison": "PriorDraft PriorSet PriorValue",
    "confidential": "SealedAnnex SealedTotals",
    "continuity": "Mark Restoration",
    "exchange": "Push",
    "exports": "ExportLink",
    "faces": "FaceRule PhotoMark",
    "figures": "Seal SummedCampaign SummedPart SummedStream SummedUnit",
    "hints": "Hint HintChange HintedStream HintGrade HintMark UnitPopulation",
    "installation": "Meta",
    "jobs": "Job",
    "keyholders": "CaseKey KeyHolder KeyOpening",
    "letters": "CampaignLetter LetterDraft LetterDraftFile OrderingLetter",
    "likeness": "LikenessPending PhotoMatch PhotoWindows",
    "organisation": "Absence Handover Membership Officer",
    "photos": "Photo PhotoRef",
    "records": """
        Census Counter DecisionRow EarlySeen Message Record RecordListing Reply Stream StreamWord Tally TallyKey
        WriteRow
    """,
    "recovery": "MissingWrite Rescue",
    "reports": """
        AskedDocument Freeze FreezeDocument FreezeLine IssuedPaper Letterhead LockStep MoneyStatement Paper
        PaperFile PaperStep PaperVersion Passage PassageAside ReportForm
    """,
    "review": "BulkAct ReviewerText SampleRule",
    "totals": "TotalStep",
    "units": "Unit UnitSplit",
}
_REFERS: Final = {
    "access": "organisation",
    "administration": "access organisation units",
    "campaigns": "units",
    "cases": "organisation units",
    "checklist": "organisation",
    "comparison": "campaigns organisation units",
    "confidential": "campaigns organisation units",
    "exchange": "access",
    "exports": "campaigns organisation units",
    "faces": "campaigns organisation records",
    "figures": "organisation records",
    "hints": "campaigns records units",
    "jobs": "organisation",
    "keyholders": "organisation",
    "letters": "campaigns organisation units",
    "likeness": "photos",
    "organisation": "units",
    "photos": "records",
    "records": "access campaigns organisation units",
    "recovery": "organisation units",
    "reports": "campaigns organisation records units",
    "review": "campaigns organisation",
    "totals": "organisation records",
}
"""Files whose tables its rows refer to: a flush or a join needs those, too."""
_FILE_OF: Final = {name: file for file, names in _FILES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(_imported(_FILE_OF[name]), name)
    return found


def _imported(file: str) -> ModuleType:
    for other in _REFERS.get(file, "").split():
        _imported(other)
    return import_module(f"{__name__}.{file}")


def complete() -> None:
    """Import all tables: for the application, and for whoever goes through `Base.metadata`."""
    for file in _FILES:
        _imported(file)
