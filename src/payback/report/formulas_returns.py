"""What each formula and method of the returns room is: the text a figure opens, and its source."""

from __future__ import annotations

from payback.locale import say
from payback.report.page import FormulaNote


def of_returns() -> tuple[FormulaNote, ...]:
    """Whether the money comes back, where inputs are uncertain."""
    return (
        FormulaNote(
            "ranges",
            say("What somebody is unsure of, as a range"),
            '"a to b" is the 5 % and 95 % point: lognormal above 0, else normal; beta for shares',
            say("Median and mean are echoed: 200 to 800 has its mean at 437, not at 500."),
            "Malcolm et al. 1959; Jeffreys 1946",
        ),
        FormulaNote(
            "draws",
            say("Draws of uncertain inputs"),
            "scrambled Sobol points through a Gaussian copula",
            say("Even points instead of random ones; several scrambles tell how far off a figure may be."),
            "Owen 1997; Higham 2002",
        ),
        FormulaNote(
            "simulated",
            say("Return under uncertainty, simulated"),
            "averages and order statistics over the draws",
            say("Each figure has its simulation error."),
            "",
        ),
        FormulaNote(
            "smoothed",
            say("Return under uncertainty, one input integrated"),
            "P(net < t) = mean of F((t - a) / b), where net = a + b x",
            say("Where the return is a straight line in an input, that input is not drawn but integrated."),
            "Griewank, Kuo, Leovey and Sloan 2018; L'Ecuyer, Puchhammer and Ben Abdellah 2022",
        ),
        FormulaNote(
            "present-value",
            say("Present value"),
            "sum of money of month m / (1 + r)^(m/12)",
            say("What later money is worth in the first month."),
            "",
        ),
        FormulaNote(
            "payback-month",
            say("Months until the money is back"),
            "first month in which money to date is 0 or more",
            say("Where it does not come back within the months looked at, it counts as never."),
            "",
        ),
        FormulaNote(
            "internal-rate",
            say("Rate of return"),
            "rate at which present value is 0",
            say("Only where money goes out first and turns exactly once; otherwise there is no such figure."),
            "",
        ),
        FormulaNote(
            "runway",
            say("Months until a balance is used up"),
            "first month in which balance + money to date is 0 or less",
            say("Over simulated months, never balance divided by burn."),
            "",
        ),
        FormulaNote(
            "kill-line-by-month",
            say("Chance of crossing the kill line by a month"),
            "share of draws with spending at the line and too few accepted",
            say("Once crossed it stays crossed."),
            "",
        ),
        FormulaNote(
            "cash-ahead",
            say("What going on is worth"),
            "present value of (saved x share that becomes money + other money in - money out) - that of stopping",
            say("From here on only: what was spent before is not in it. Taxes are left out."),
            "",
        ),
        FormulaNote(
            "chance-of-loss",
            say("Chance of losing"),
            "share of futures in which going on is worth less than stopping",
            say("If the inputs are as stated or measured."),
            "",
        ),
        FormulaNote(
            "break-even-share",
            say("Share that must turn into money"),
            "-(worth at a share of 0) / (worth at 1 - worth at 0)",
            say("Freed hours are money only where a budget gets smaller or more is sold."),
            "",
        ),
        FormulaNote(
            "pilot-option",
            say("Worth of trying first"),
            "mean of (chance that the gate lets it through x worth after the pilot) - cost of the pilot",
            say("A gate that is wrong at times is worth less than a perfect one."),
            "",
        ),
        FormulaNote(
            "regret",
            say("Regret"),
            "worth of the best choice of each future - worth of this one",
            say("The mean, and what 1 of 20 futures exceed."),
            "Savage 1951",
        ),
        FormulaNote(
            "value-of-information",
            say("Worth of knowing everything"),
            "E max(net, 0) - max(E net, 0)",
            say("The most that measuring anything could be worth before deciding."),
            "Raiffa and Schlaifer 1961",
        ),
        FormulaNote(
            "value-of-one-input",
            say("Worth of knowing one input"),
            "E max(g, 0) - max(E g, 0), g = mean of net given the input",
            say("Says what to measure next. Below 1 % of the worth of knowing everything it is noise."),
            "Strong, Oakley and Brennan 2014",
        ),
        FormulaNote(
            "value-of-a-group",
            say("Worth of knowing several inputs at once"),
            "E max(g, 0) - max(E g, 0), g = mean of net given these inputs",
            say("Never less than the most that one of them is worth alone."),
            "Strong, Oakley and Brennan 2014",
        ),
        FormulaNote(
            "value-of-more-cases",
            say("Worth of checking more cases"),
            "E max(E(g | result), 0) - max(E g, 0)",
            say("Spend less than this on checking."),
            "Strong, Oakley, Brennan and Breeze 2015",
        ),
        FormulaNote(
            "break-even-of-input",
            say("Break-even of one input"),
            "value at which net is 0, the others at their medians",
            say("Beside it the chance that the input lies on the side where money is lost."),
            "",
        ),
        FormulaNote(
            "one-at-a-time",
            say("One input at a time"),
            "net at the 5 % and 95 % point of one input, the others at their medians",
            say("What inputs do together is in the simulation."),
            "",
        ),
        FormulaNote(
            "worth-at-most",
            say("What AI can make of a kind of work at most"),
            "12 x volume x (accepted x today's cost of a unit - review - price)",
            say("What is not given is taken at its best. A limit, never a promise."),
            "",
        ),
        FormulaNote(
            "portfolio",
            say("What to fund together"),
            "largest mean worth, one way for each use case, within money, people and risk",
            say("On the same futures for all use cases; doing nothing is always one of the choices."),
            "Weingartner 1963; Huangfu and Hall 2018",
        ),
        FormulaNote(
            "worst-twentieth",
            say("Mean of the worst 1 in 20 futures"),
            "mean of the worst 5 % of draws",
            say("What a bad future costs, not only how likely it is."),
            "Rockafellar and Uryasev 2000",
        ),
        FormulaNote(
            "shared-work",
            say("Work that several use cases do"),
            "of the shared part of what they bring, one counts",
            say("So nobody's hour is saved twice."),
            "",
        ),
        FormulaNote(
            "joint-claims",
            say("What several use cases save on one department"),
            "max(0, sum saved - what it costs) is taken off, in each future and year",
            say("A department cannot save more than it costs."),
            "",
        ),
        FormulaNote(
            "rank-ranges",
            say("Between which places an uncertain amount lies"),
            "places that hold together in 90 of 100 draws",
            say("Amounts that are equal share their places."),
            "Besag, Green, Higdon and Mengersen 1995",
        ),
        FormulaNote(
            "forecast-scores",
            say("How good a forecast was"),
            "Brier (chance - came)^2; log -ln(chance of what came); CRPS; interval width + 20 x outside",
            say(
                "Lower is better. Of several forecasts about the same months by one person the first counts."
            ),
            "Brier 1950; Good 1952; Gneiting and Raftery 2007; Winkler 1972",
        ),
        FormulaNote(
            "past-optimism",
            say("What the next promise is taken at"),
            "said x exp((log default + sum of log(came / said)) / (1 + cases))",
            say(
                "Below five past cases a default, called one. It stands beside what was said, never in its place."
            ),
            "Flyvbjerg 2006; Bloch, Blumberg and Laartz 2012",
        ),
        FormulaNote(
            "break-even-volume",
            say("Volume at which two ways cost the same"),
            "(fixed cost of one - of the other) / (cost a unit of the other - of the one)",
            say("Where it is above 0; else one is cheaper at any volume."),
            "",
        ),
        FormulaNote(
            "cheapest-by-volume",
            say("Cheapest way by volume"),
            "lower edge of the mean costs",
            say("How often it is the cheapest is the share of futures, at one volume within each stretch."),
            "",
        ),
    )
