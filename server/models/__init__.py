"""The tables, one file a capability, each named after its package in `server/services`.

Import them from here, so that metadata is always complete (Alembic, tests).
"""

from server.models.access import (
    DeskSession,
    Device,
    EnrolmentCode,
    FailedTries,
    PersonQuota,
    RecoveryCode,
    RequiredFactor,
    SecondFactor,
    WelcomeLink,
    WrongCodes,
)
from server.models.administration import Roster, TakenBack, TrainingDay, TrainingRequest
from server.models.audit import AuditDay, AuditHead, AuditLine, WrongTry
from server.models.campaigns import Campaign, CampaignFile
from server.models.cases import CaseCount, CaseEntry, CaseFile, CaseLogLine, CaseRight, CaseTry, PublicFigures
from server.models.checklist import RegimeVersion, RestDay
from server.models.comparison import PriorDraft, PriorSet, PriorValue
from server.models.confidential import SealedAnnex, SealedTotals
from server.models.continuity import Mark, Restoration
from server.models.exchange import Push
from server.models.exports import ExportLink
from server.models.faces import FaceRule, PhotoMark
from server.models.figures import Seal
from server.models.hints import Hint, HintChange, HintedStream, HintGrade, HintMark, UnitPopulation
from server.models.installation import Meta
from server.models.jobs import Job
from server.models.keyholders import CaseKey, KeyHolder, KeyOpening
from server.models.letters import CampaignLetter, LetterDraft, LetterDraftFile, OrderingLetter
from server.models.likeness import LikenessPending, PhotoMatch, PhotoWindows
from server.models.organisation import Absence, Handover, Membership, Officer
from server.models.photos import Photo, PhotoRef
from server.models.records import (
    Census,
    Counter,
    DecisionRow,
    EarlySeen,
    Message,
    Record,
    RecordListing,
    Reply,
    Stream,
    StreamWord,
    Tally,
    TallyKey,
    WriteRow,
)
from server.models.recovery import MissingWrite, Rescue
from server.models.reports import (
    AskedDocument,
    Freeze,
    FreezeDocument,
    FreezeLine,
    IssuedPaper,
    Letterhead,
    LockStep,
    MoneyStatement,
    Paper,
    PaperFile,
    PaperStep,
    PaperVersion,
    Passage,
    PassageAside,
    ReportForm,
)
from server.models.review import BulkAct, ReviewerText, SampleRule
from server.models.totals import TotalStep
from server.models.units import Unit, UnitSplit

__all__ = [
    "Absence",
    "AskedDocument",
    "AuditDay",
    "AuditHead",
    "AuditLine",
    "BulkAct",
    "Campaign",
    "CampaignFile",
    "CampaignLetter",
    "CaseCount",
    "CaseEntry",
    "CaseFile",
    "CaseKey",
    "CaseLogLine",
    "CaseRight",
    "CaseTry",
    "Census",
    "Counter",
    "DecisionRow",
    "DeskSession",
    "Device",
    "EarlySeen",
    "EnrolmentCode",
    "ExportLink",
    "FaceRule",
    "FailedTries",
    "Freeze",
    "FreezeDocument",
    "FreezeLine",
    "Handover",
    "Hint",
    "HintChange",
    "HintGrade",
    "HintMark",
    "HintedStream",
    "IssuedPaper",
    "Job",
    "KeyHolder",
    "KeyOpening",
    "LetterDraft",
    "LetterDraftFile",
    "Letterhead",
    "LikenessPending",
    "LockStep",
    "Mark",
    "Membership",
    "Message",
    "Meta",
    "MissingWrite",
    "MoneyStatement",
    "Officer",
    "OrderingLetter",
    "Paper",
    "PaperFile",
    "PaperStep",
    "PaperVersion",
    "Passage",
    "PassageAside",
    "PersonQuota",
    "Photo",
    "PhotoMark",
    "PhotoMatch",
    "PhotoRef",
    "PhotoWindows",
    "PriorDraft",
    "PriorSet",
    "PriorValue",
    "PublicFigures",
    "Push",
    "Record",
    "RecordListing",
    "RecoveryCode",
    "RegimeVersion",
    "Reply",
    "ReportForm",
    "RequiredFactor",
    "Rescue",
    "RestDay",
    "Restoration",
    "ReviewerText",
    "Roster",
    "SampleRule",
    "Seal",
    "SealedAnnex",
    "SealedTotals",
    "SecondFactor",
    "Stream",
    "StreamWord",
    "TakenBack",
    "Tally",
    "TallyKey",
    "TotalStep",
    "TrainingDay",
    "TrainingRequest",
    "Unit",
    "UnitPopulation",
    "UnitSplit",
    "WelcomeLink",
    "WriteRow",
    "WrongCodes",
    "WrongTry",
]
