from payback.report.numbers import *
