"""What lies ahead of a use case: its inputs, its futures, what to measure next and what else could be done."""

from payback.assessor.returns.outlook import outlook, past, vendor_lines
from payback.assessor.returns.prospect import Known, Prospect, prospect
from payback.assessor.returns.stated import Input, Reader

__all__ = ["Input", "Known", "Prospect", "Reader", "outlook", "past", "prospect", "vendor_lines"]
