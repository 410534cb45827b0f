"""What the generator of a format gives, into the engine's tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from payback.ledger.engine import Engine, quoted
from payback.ledger.gathered import Gathered, next_number
from payback.sources import faults
from payback.sources.faults import Fault, Tally
from payback.sources.formats import BILL_TYPES, CALL_TYPES, OUTCOME_TYPES, Bill, Call, Found, Outcome, Scan

TABLES: Mapping[type, tuple[str, Mapping[str, str]]] = {
    Call: ("call_read", CALL_TYPES),
    Bill: ("bill_read", BILL_TYPES),
    Outcome: ("outcome_read", OUTCOME_TYPES),
}
"""Where each kind of row goes, and the types of its columns."""


def generated(engine: Engine, group: Sequence[Found], made: Gathered) -> None:
    """Add the rows of these files, through files of ours: nothing is held but the row at hand."""
    staged = {kind: engine.scratch / f"{table}-{next_number()}.csv" for kind, (table, _) in TABLES.items()}
    with ExitStack() as files:
        writers = {
            kind: csv.writer(
                files.enter_context(file.open("w", newline="", encoding="utf-8")), lineterminator="\r\n"
            )
            for kind, file in staged.items()
        }
        for one in group:
            read = one.format.read
            if isinstance(read, Scan):
                continue
            tally = Tally()
            place = (one.format.name, len(made.paths))
            try:
                for each in read.read(one.path, one.layout):
                    if isinstance(each, Fault):
                        faults.count(tally, each)
                    else:
                        writers[type(each)].writerow((*each, *place))
            except OSError as error:
                made.unreadable[one.path] = error.strerror or str(error)
            made.paths.append(one.path)
            made.tell(one.path, tally)
    for kind, file in staged.items():
        _insert(engine, kind, file)
        file.unlink()


def _insert(engine: Engine, kind: type, staged: Path) -> None:
    if not staged.stat().st_size:
        return
    table, types = TABLES[kind]
    columns = {**types, "tool": "VARCHAR", "file": "BIGINT"}
    typed = ", ".join(f"{quoted(name)}: {quoted(type_)}" for name, type_ in columns.items())
    engine.run(f"""insert into {table} by name select *, false as odd from read_csv({quoted(staged)},
        auto_detect = false, header = false, columns = {{{typed}}}, delim = ',', quote = '"',
        escape = '"', new_line = '\\r\\n', nullstr = '')""")
