"""The workbook: inputs, evidence and live formulas that recompute the base case, for an audit."""

from payback.report.to_xlsx.book import available
from payback.report.to_xlsx.plan import plan
from payback.report.to_xlsx.table import Column, Kind, Table
from payback.report.to_xlsx.workbook import workbook

__all__ = ["Column", "Kind", "Table", "available", "plan", "workbook"]
