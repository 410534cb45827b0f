"""What was used, and what it is at list price: logs in, one table out. The Python interface of `payback usage`.

Nothing is stored: logs are read where they are, and only their counts, ids and places are looked at.
"""

from payback.usage.answer import homes, usage
from payback.usage.counted import Counted, NotPriced, Plan, PlanPaid, Row, Usage, together
from payback.usage.groups import BY, IN_TIME
from payback.usage.merged import Became, Fate
from payback.usage.metered import Metered
from payback.usage.overlap import Overlap
from payback.usage.paid import Billed, Bills, NotAi, Part
from payback.usage.unfinished import Unfinished
from payback.usage.waste import Waste

__all__ = [
    "BY",
    "IN_TIME",
    "Became",
    "Billed",
    "Bills",
    "Counted",
    "Fate",
    "Metered",
    "NotAi",
    "NotPriced",
    "Overlap",
    "Part",
    "Plan",
    "PlanPaid",
    "Row",
    "Unfinished",
    "Usage",
    "Waste",
    "homes",
    "together",
    "usage",
]
