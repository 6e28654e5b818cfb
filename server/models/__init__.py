"""The tables. Import them from here, so that metadata is always complete (Alembic, tests)."""

from server.models.access import DeskSession, Device, EnrolmentCode, FailedTries, WrongCodes
from server.models.campaign import Campaign, CampaignFile
from server.models.job import Job
from server.models.journal import Census, Counter, DecisionRow, EarlySeen, Record, Stream, Tally, TallyKey, WriteRow
from server.models.meta import Meta
from server.models.photo import Photo, PhotoRef
from server.models.place import Unit
from server.models.push import Push
from server.models.rescue import Rescue
from server.models.restored import Mark, MissingWrite, Restoration
from server.models.seal import Seal
from server.models.staff import Membership, Officer
from server.models.welcome import WelcomeLink

__all__ = [
    "Campaign",
    "CampaignFile",
    "Census",
    "Counter",
    "DecisionRow",
    "DeskSession",
    "Device",
    "EarlySeen",
    "EnrolmentCode",
    "FailedTries",
    "Job",
    "Mark",
    "Membership",
    "Meta",
    "MissingWrite",
    "Officer",
    "Photo",
    "PhotoRef",
    "Push",
    "Record",
    "Rescue",
    "Restoration",
    "Seal",
    "Stream",
    "Tally",
    "TallyKey",
    "Unit",
    "WelcomeLink",
    "WriteRow",
    "WrongCodes",
]
