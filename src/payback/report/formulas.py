"""What each formula and method is: the text a figure opens, and its source.

The keys are those of `Figure.formula` and `Interval.method`; docs/formulas.md has them at length.
"""

from __future__ import annotations

from payback.locale import say
from payback.report.formulas_held import of_hardware
from payback.report.formulas_returns import of_returns
from payback.report.page import FormulaNote


def note_of(key: str) -> FormulaNote:
    """The note of a key; an unknown key still names itself."""
    found = next((note for note in notes() if note.key == key), None)
    return found or FormulaNote(key, key, "", say("Described in docs/formulas.md under this name."), "")


def notes() -> tuple[FormulaNote, ...]:
    """Every formula and method, figures first."""
    return (*_figures(), *_methods(), *of_returns(), *of_hardware())


def _figures() -> tuple[FormulaNote, ...]:
    return (
        FormulaNote(
            "spend",
            say("Money out"),
            "sum of usage x price of its day, or what was invoiced, + other costs",
            say("Invoices check it and are never added to it. A plain sum, exact, without a range."),
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
            "payback-ratio",
            say("Payback ratio"),
            "money back / money out",
            say("Both over the same days. It is as well known as the weaker of the two; 1 is even."),
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
            "all cost / all accepted",
            say("A ratio of sums, failures included; never a mean of ratios, never cost per attempt."),
            "Cochran 1977, chapter 6",
        ),
        FormulaNote(
            "full-unit-cost",
            say("Full cost per finished unit"),
            "(cost + rejected x today + tasks x per task) / tasks",
            say(
                "What one finished piece of work costs all in: the attempt, what is done again as today, and "
                "what every attempt costs besides (review by people, share of the platform)."
            ),
            "",
        ),
        FormulaNote(
            "break-even-today",
            say("Break-even cost as today"),
            "(cost + tasks x per task) / accepted",
            say("What one unit would have to cost as today for both ways to cost the same."),
            "",
        ),
        FormulaNote(
            "paired-difference",
            say("Difference on the same tasks"),
            "sum of (second - first, task by task) / tasks",
            say("Only tasks both ways did, so that an easier mix of work cannot win."),
            "Miller 2024; Bonett and Price 2012",
        ),
        FormulaNote(
            "failures",
            say("Why results were not accepted"),
            "not accepted for this reason / checked",
            say("Reasons add up to what was not accepted; what nobody gave a reason for is its own line."),
            "",
        ),
        FormulaNote(
            "most-share",
            say("Severe failures"),
            "severe / checked; at most b, where k or fewer of n would be a chance of 5 %",
            say("None seen is not none: of n independent results, up to about 3 / n may be so."),
            "Clopper and Pearson 1934; Korn and Graubard 1998",
        ),
        FormulaNote(
            "harm",
            say("Harm done"),
            "sum of harm_cost; / tasks",
            say("What wrong results cost. It counts once: here, or as rows of cost of category harm."),
            "Hill 1975",
        ),
        FormulaNote(
            "slowest-twentieth",
            say("Time of the slowest results"),
            "the time of result ceil(0.95 n), quickest first; range: binomial places",
            say("95 of 100 results are there by then. Time is that of its calls, added up."),
            "Thompson 1936; Woodruff 1952",
        ),
        FormulaNote(
            "error-rate",
            say("Calls that failed"),
            "failed / calls",
            say("Every attempt counts: a second one that works does not undo the first."),
            "",
        ),
        FormulaNote(
            "available-days",
            say("Days it was there"),
            "days on which fewer than half of the calls failed / days with calls",
            say("A count of the days there were, without a range."),
            "",
        ),
        FormulaNote(
            "version-change",
            say("After a new version"),
            "share accepted after - share accepted before",
            say("Seen, not caused: tasks before and after differ, and the work may have changed too."),
            "",
        ),
        FormulaNote(
            "pass-k",
            say("Several tries of a task"),
            "all: C(c,k)/C(n,k); at least one: 1 - C(n-c,k)/C(n,k); mean over tasks",
            say("From n repeats of which c were accepted; k tries of the same task."),
            "Chen et al. 2021; Yao et al. 2024",
        ),
        FormulaNote(
            "repeats-apart",
            say("Repeats that disagree"),
            "tasks whose repeats did not all end alike / tasks done more than once",
            say("The same task, done again, came out otherwise."),
            "",
        ),
        FormulaNote(
            "users",
            say("Share of users"),
            "users of whom it is true / users",
            say("Use that had a result accepted, apart from mere attention."),
            "",
        ),
        FormulaNote(
            "retention",
            say("Who stays"),
            "S(t) = product of (1 - left / at risk)",
            say(
                "Users still there so long after their first use; who is too young to tell is not counted as staying."
            ),
            "Kaplan and Meier 1958",
        ),
        FormulaNote(
            "burn",
            say("Spent to date"),
            "running sum of money out by day; spent / budget",
            say("Shown, and moves no verdict: only money that can still be avoided does."),
            "",
        ),
        FormulaNote(
            "trailing-burn",
            say("What it takes a month"),
            "mean of the last 3 and 12 whole months",
            say("A month without a row is not known and is left out, never taken as 0."),
            "Schmeiser 1982",
        ),
        FormulaNote(
            "burn-forecast",
            say("Spending still to come"),
            "level += max(a, 1/n) x miss; futures = level + drift + past misses drawn anew",
            say(
                "As last time, or smoother, as often as each has been right so far; it takes spending to go on as it did."
            ),
            "Hyndman and Athanasopoulos 2021; Gardner and McKenzie 1985",
        ),
        FormulaNote(
            "replay",
            say("Month by month"),
            "kept = spent since - under contract that day",
            say("What was known at each month's end, by the rules of today's payback.toml."),
            "",
        ),
        FormulaNote(
            "declared",
            say("As somebody said"),
            "low to high",
            say("A range somebody gave, taken as 90 % sure; estimated until rows show it."),
            "",
        ),
        FormulaNote(
            "spread",
            say("How much single tasks differ"),
            "calls + besides + (1 - score) x as today, task by task; a tenth, half, nine tenths of them",
            say("Not how well the mean is known: the mean of many is much surer than any one of them."),
            "",
        ),
        FormulaNote(
            "price-volume",
            say("Why a cost moved"),
            "each factor's part, averaged over every order in which the factors can change",
            say("Price, tokens a call, calls a task, mix and acceptance; the parts add up exactly."),
            "Shorrocks 2013; Shapley 1953",
        ),
        FormulaNote(
            "price-moves",
            say("What other prices would change"),
            "(k f A + b) / a; spend = volume x price^(1 + elasticity) x tokens",
            say(
                "Measured usage at other prices. The share of models comes first: a cut moves no more than that."
            ),
            "",
        ),
    )


def _of_samples() -> tuple[FormulaNote, ...]:
    """What people's checks of a sample, and a judge, come to."""
    return (
        FormulaNote(
            "judge-corrected",
            say("Share accepted, from a checked sample and a judge"),
            "lean x mean(judge, all) + mean(label - lean x judge, sample)",
            say(
                "People's checks of a random sample take away what the judge gets wrong. A poor judge makes the "
                "range wider, never the figure wrong. A case of either disagreement is added to the spread."
            ),
            "Angelopoulos, Duchi and Zrnic 2023 (PPI++); Wilson 1927",
        ),
        FormulaNote(
            "sampled",
            say("Share accepted, from a checked sample"),
            "weighted mean of the labels; Wilson with t for z and p(1-p)/se^2 for n",
            say("People's checks of a random sample stand for all the work they were drawn from."),
            "Wilson 1927; Kish 1965",
        ),
        FormulaNote(
            "rogan-gladen",
            say("Share accepted, from the judge's known errors"),
            "(judge + specificity - 1) / (sensitivity + specificity - 1)",
            say("Holds only if the judge is as often right about all tasks as about those people checked."),
            "Rogan and Gladen 1978; Lang and Reiczigel 2014",
        ),
        FormulaNote(
            "agreement",
            say("How far people and the judge agree"),
            "kappa = (agreed - by chance) / (1 - by chance); AC1 with chance 2 p (1 - p)",
            say("Read the table first: where nearly all is accepted, kappa is low however good the judge."),
            "Cohen 1960; Fleiss, Cohen and Everitt 1969; Gwet 2008",
        ),
        FormulaNote(
            "judge-drift",
            say("Whether the judge has changed"),
            "a month's share right against all others: Fisher's exact test, and t by group",
            say("Of judges that have not changed, at most 5 in 100 are called changed."),
            "Fisher 1935",
        ),
    )


def _methods() -> tuple[FormulaNote, ...]:
    return (
        FormulaNote(
            "wilson",
            say("Wilson range of a share"),
            "(p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)",
            say("For independent tasks; it never leaves 0 to 100 of 100."),
            "Wilson 1927",
        ),
        FormulaNote(
            "clustered-wilson",
            say("Wilson range for tasks that depend on one another"),
            "Wilson with t for z and p(1-p)/se^2 for n",
            say("Tasks of one customer or document resemble each other and count as fewer."),
            "Korn and Graubard 1998; Dean and Pagano 2015; Kish 1965",
        ),
        FormulaNote(
            "clustered-t",
            say("Range of a mean of tasks that depend on one another"),
            "p +- t se, se = sqrt(C/(C-1) sum (accepted - p checked)^2) / checked",
            say("Tasks of one customer or document are counted as one group."),
            "Miller 2024",
        ),
        FormulaNote(
            "clopper-pearson",
            say("Exact range of a share"),
            "quantiles of Beta(k, n-k+1) and Beta(k+1, n-k)",
            say("Holds at least as often as it says, whatever the share; wider than needed."),
            "Clopper and Pearson 1934",
        ),
        FormulaNote(
            "log-delta",
            say("Range of a ratio of sums"),
            "R exp(+-t se), se = sqrt(C/(C-1) sum (x/X - y/Y)^2)",
            say("Never goes below zero; too narrow where a few tasks cost very much."),
            "Cochran 1977; Miller 2024",
        ),
        FormulaNote(
            "costliest-case",
            say("Range that leaves room for a cost like the largest seen"),
            "low = R exp(-t se), high = R exp(t (se + m)), m = part of the costliest group",
            say(
                "For costs that vary much: the upper end is further away than the lower one. Nothing is drawn."
            ),
            "after Johnson 1978; Hall 1992",
        ),
        FormulaNote(
            "bootstrap-t",
            say("Range by drawing groups of tasks again"),
            "low exp(-h), high exp(h), h from 999 draws of t* = (log R* - log R) / se*",
            say("Not printed by this version; docs/coverage compares with it."),
            "Efron and Tibshirani 1993; Davison and Hinkley 1997",
        ),
        FormulaNote(
            "missing-bounds",
            say("Limits given what is missing"),
            "all missing counted one way, then the other",
            say("Not a range of chance: the least and the most it can be, whatever the gaps turn out to be."),
            "Horowitz and Manski 2000",
        ),
        FormulaNote(
            "newcombe",
            say("Range of the difference of two independent shares"),
            "d -+ sqrt of the squared distances to the limits of each",
            say("Made from the range of each of the two shares."),
            "Newcombe 1998",
        ),
        FormulaNote(
            "fisher",
            say("Chance of so uneven a split over two groups"),
            "sum of the chances of all splits no likelier than the one seen",
            say("Of independent tasks, if both groups were alike."),
            "Fisher 1935",
        ),
        FormulaNote(
            "missing-more-often",
            say("Missing more often of some than of others"),
            "missing / tasks of one kind against missing / the other tasks",
            say(
                "Then what is missing is not like what is known, and the figure is likely off; its limits hold."
            ),
            "",
        ),
        FormulaNote(
            "places",
            say("Between which places a way may stand"),
            "1 + ways shown to be better, to all less ways shown to be worse",
            say("Every pair is allowed for, so all places hold together; nobody is ranked."),
            "after Mogstad, Romano, Shaikh and Wilhelm 2024",
        ),
        FormulaNote(
            "margin",
            say("How many fewer a saving pays for"),
            "saving a task / what a result not accepted costs",
            say("A cheaper way may lose so many accepted results and still not cost more."),
            "Wellek 2010",
        ),
        FormulaNote(
            "mcnemar",
            say("Chance of so uneven a split"),
            "2 x binomial tail of the smaller at 1/2",
            say("Of the tasks that came out differently, if both ways were equally good."),
            "McNemar 1947",
        ),
        *_of_samples(),
        FormulaNote(
            "mixture-bet",
            say("A gate on a share, true at every look"),
            "stake = mean likelihood of shares above the threshold / likelihood at it; passes at 20",
            say("However often it is looked at, a share at its threshold passes in at most 5 of 100 cases."),
            "Robbins 1970; Ville 1939",
        ),
        FormulaNote(
            "cluster-bets",
            say("A gate on groups of tasks or on money, true at every look"),
            "stake = product of 1 + l (y - threshold), l from the values before; passes at 20",
            say("One value a group of tasks; money needs the most that one task may cost."),
            "Waudby-Smith and Ramdas 2024",
        ),
        FormulaNote(
            "monthly-looks",
            say("The same for groups that go on growing"),
            "looked at at the ends of months; look k must reach 20 k (k + 1)",
            say("A customer that comes back moves its own mean, so that each look has a price."),
            "Bonferroni",
        ),
        FormulaNote(
            "regression-adjusted",
            say("Effect of a way of working, from different tasks"),
            "difference of two fitted lines at the mean of what was known before",
            say("Where tasks were given to either way at random it is the effect; otherwise a comparison."),
            "Lin 2013; Bell and McCaffrey 2002",
        ),
        FormulaNote(
            "two-stage-differences",
            say("Change after each group began, where they began on different days"),
            "(1) group and week from weeks not yet begun; (2) mean of result - (1) over weeks begun",
            say("A plain comparison takes groups that began earlier for a control; this one does not."),
            "Gardner 2022",
        ),
        FormulaNote(
            "before-after",
            say("Before and after"),
            "mean of tasks from the day on - mean of tasks before",
            say("A description: whatever else changed is in it."),
            "",
        ),
        FormulaNote(
            "difference-in-differences",
            say("How much more those with the AI changed than those without"),
            "mean change of the groups with it - mean change of the others",
            say("Takes out what changed for everybody; before and after alone does not."),
            "Card and Krueger 1994",
        ),
    )
