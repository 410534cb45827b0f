from payback.report.days import *
