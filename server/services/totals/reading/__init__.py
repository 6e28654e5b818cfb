"""A message pasted from a chat, read into proposed totals. Nothing is stored: a person confirms figure by figure.

What is not understood is returned as such, with the reason if one is known. The words by which figures are known come
from the kinds (sync/kinds) and `words.vi.json`.

    "Xã A: treo ba băng rôn; loa 2 lần/ngày x 10 ngày" -> xã A: banners 3, airings 20 (2 × 10)
"""

from server.services.totals.reading.message import DOUBTS, WHYS, MessagePiece, MessageReading, Proposal, ReadUnit, read

__all__ = ["DOUBTS", "WHYS", "MessagePiece", "MessageReading", "Proposal", "ReadUnit", "read"]
