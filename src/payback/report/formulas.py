"""What each formula and method is: the text a figure opens, and its source.

The keys are those of `Figure.formula` and `Interval.method`; docs/formulas.md has them at length.
"""

from __future__ import annotations

from payback.locale import say
from payback.report.page import FormulaNote


def note_of(key: str) -> FormulaNote:
    """The note of a key; an unknown key still names itself."""
    found = next((note for note in notes() if note.key == key), None)
    return found or FormulaNote(key, key, "", say("Described in docs/formulas.md under this name."), "")


def notes() -> tuple[FormulaNote, ...]:
    """Every formula and method, figures first."""
    return (*_figures(), *_methods())


def _figures() -> tuple[FormulaNote, ...]:
    return (
        FormulaNote(
            "spend",
            say("Money out"),
            "sum of tokens x price of the day + other costs",
            say(
                "Every call priced with the price book of its own day, plus the costs that have no calls. "
                "Invoices check it and are never added to it."
            ),
            "",
        ),
        FormulaNote(
            "acceptance",
            say("Share accepted"),
            "accepted / checked",
            say("Tasks whose result was accepted, of those that were checked. Repeats are averaged first."),
            "",
        ),
        FormulaNote(
            "cost-per-accepted",
            say("Cost per accepted result"),
            "sum of cost / sum of accepted",
            say("All money of a way of working, failures included, over the results that were accepted."),
            "",
        ),
        FormulaNote(
            "full-unit-cost",
            say("Full cost per finished unit"),
            "attempt + review + share redone x cost as today + platform share",
            say(
                "What one finished piece of work costs all in: what the AI did not finish is done as today "
                "and paid for."
            ),
            "",
        ),
        FormulaNote(
            "paired-difference",
            say("Difference on the same tasks"),
            "mean of (a - b) over tasks both did",
            say(
                "Two ways of working are compared only on tasks both did, task by task, so that an easier mix "
                "of work cannot win."
            ),
            "",
        ),
        FormulaNote(
            "break-even-today",
            say("Break-even cost as today"),
            "(attempt + review + platform) / share accepted",
            say("If one unit costs more than this as today, the AI's way is the cheaper one."),
            "",
        ),
        FormulaNote(
            "payback-ratio",
            say("Payback ratio"),
            "money back / money out",
            say("Money in the accounts, billed or measured, over all money out. 1 is even."),
            "",
        ),
        FormulaNote(
            "value-back",
            say("Money back"),
            "sum of value in the accounts + billed + measured",
            say("Estimated and claimed money is shown beside it and never added."),
            "",
        ),
        FormulaNote(
            "hours-freed",
            say("Hours freed"),
            "sum of hours",
            say("Hours stay hours until the accounts or a signed budget turn them into money."),
            "",
        ),
        FormulaNote(
            "burn",
            say("Spent to date"),
            "running sum of money out by day",
            say(
                "The limit counts as crossed on the first day on which more was spent and too few results were "
                "accepted. What stopping would have kept leaves out what was under contract that day."
            ),
            "",
        ),
        FormulaNote(
            "declared",
            say("As somebody said"),
            "low to high",
            say("A range somebody gave, taken as 90 % sure. It is estimated until rows show it."),
            "",
        ),
    )


def _methods() -> tuple[FormulaNote, ...]:
    return (
        FormulaNote(
            "wilson",
            say("Wilson range of a share"),
            "(p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)",
            say("For a share of independent cases; it never leaves 0 to 100 of 100."),
            "E. B. Wilson, 1927",
        ),
        FormulaNote(
            "clopper-pearson",
            say("Exact range of a share"),
            "quantiles of Beta(k, n-k+1) and Beta(k+1, n-k)",
            say("Holds at least as often as it says, whatever the share; wider than needed."),
            "C. J. Clopper, E. S. Pearson, 1934",
        ),
        FormulaNote(
            "clustered-t",
            say("Range of a mean of related tasks"),
            "mean +- t(C-1) sqrt(C/(C-1) sum over clusters (sum of deviations)^2) / n",
            say("Tasks of one customer or document resemble each other; they are counted as one group."),
            "K.-Y. Liang, S. L. Zeger, 1986",
        ),
        FormulaNote(
            "log-delta",
            say("Range of a cost per accepted result"),
            "R exp(+-t(C-1) se / R), z = cost - R accepted, se = sqrt(C/(C-1) sum z^2) / accepted",
            say("For a ratio of two sums; it never goes below zero."),
            "W. G. Cochran, 1977, chapter 6",
        ),
        FormulaNote(
            "bootstrap-t",
            say("Range by redrawing"),
            "R exp(-t* se / R), t* = (log R* - log R) / (se* / R*)",
            say(
                "Groups of tasks are drawn again and again with a printed seed; better where costs vary much."
            ),
            "P. Hall, 1992",
        ),
        FormulaNote(
            "missing-bounds",
            say("Limits given what is missing"),
            "all missing counted one way, then the other",
            say("Not a range of chance: the least and the most the figure can be once the gaps are filled."),
            "C. F. Manski, 2003",
        ),
    )
