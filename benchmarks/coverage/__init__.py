"""How often the ranges payback prints hold the truth, by simulation: `python -m benchmarks.coverage`."""
