"""Scores against ground truth: one module each, with `run(shared, quick) -> list[Row]`.

`shared` is the folder whose data/ holds the truth, None where there is none; then a module returns
its rows with the value None and says in `note` what is missing. `quick` asks for a fixed sample.
"""
