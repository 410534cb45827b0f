"""The eight-input model: how far off, and in what time, beside Squiggle, monaco and plain numpy draws.

Squiggle comes from npm and monaco from pip into a folder of their own (PAYBACK_SIMULATION_PEERS names one that
has `node_modules` and `venv`); what is not there is "absent". Ours and Squiggle run in turns, each without its
start-up, which has a row of its own. Then a hundred use cases of twelve inputs, with every figure of each.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from benchmarks.rows import Row
from payback.measures.draws import Simulated
from payback.measures.estimate import Floats
from payback.measures.ranges import Uncertain, at, moments, uncertain
from payback.measures.returns.information import break_evens, more_cases, one_at_a_time, worth
from payback.measures.returns.simulation import (
    Simulation,
    by_month,
    internal_rate,
    payback_month,
    present_value,
    simulate,
)

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared"
REPEATS = 30
OURS, QUICK, THEIRS, MONACO_DRAWS = 131_072, 8_192, 100_000, 1_024
TIME_BAR, MEAN_BAR, EQUAL_TIME_BAR = 0.2, 50.0, 2.0
CASES, CASES_BAR, WORTH_BAR = 100, 20.0, 2.0
FIGURES = ("mean", "sd", "p5", "p50", "p95", "P(loss)")

INPUTS = {
    "users": "200 to 800",
    "tasks": "10 to 30",
    "accept": "beta(40, 12)",
    "minutes": "4 to 15",
    "wage": "0.7 to 1.3",
    "cost": "0.05 to 0.6",
    "rework": "2 to 8",
    "fixed": "15000 to 60000",
}
TRUTH = {
    "mean": 307620.83823464473,
    "sd": 305309.3308734861,
    "p5": 24678.418,
    "p50": 223530.034,
    "p95": 870820.941,
    "P(loss)": 0.02106823,
}
"""Mean and sd by algebra, products of independent inputs; the rest by `chance_below`, 8 x 2^20 points, to 0.002 % or better."""

SQUIGGLE = """
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
const before = performance.now();
const { run, defaultEnvironment } = await import("@quri/squiggle-lang");
const code = readFileSync(process.argv[2], "utf8") +
  "\\n[mean(net), stdev(net), inv(net, 0.05), inv(net, 0.5), inv(net, 0.95), cdf(net, 0)]";
console.log(JSON.stringify({ start: (performance.now() - before) / 1000 }));
for await (const line of createInterface({ input: process.stdin })) {
  const cpu = process.cpuUsage(), wall = performance.now();
  const environment = { ...defaultEnvironment, sampleCount: Number(process.argv[3]), seed: line };
  const { result } = await run(code, { environment });
  const values = result.value.result.value.getValues().map((each) => each.value);
  const spent = process.cpuUsage(cpu);
  console.log(JSON.stringify({ values, wall: (performance.now() - wall) / 1000,
    cpu: (spent.user + spent.system) / 1e6 }));
}
"""

MONACO = """
import json, sys, time
import numpy as np
import monaco
from scipy.stats import beta, lognorm
inputs, draws, repeats = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
names = list(inputs)
def before(case):
    return tuple(case.invals[name].val for name in names)
def model(users, tasks, accept, minutes, wage, cost, rework, fixed):
    return (users * tasks * (accept * minutes * wage - (1 - accept) * rework * wage - cost) * 8.4 - fixed,)
def after(case, net):
    case.addOutVal("net", net)
for repeat in range(repeats):
    cpu, wall = time.process_time(), time.perf_counter()
    sim = monaco.Sim("net", draws, {"preprocess": before, "run": model, "postprocess": after},
                     seed=repeat, verbose=False)
    for name, (kind, one, other) in inputs.items():
        how = (beta, {"a": one, "b": other}) if kind == "beta" else (lognorm, {"s": other, "scale": np.exp(one)})
        sim.addInVar(name, *how)
    sim.runSim()
    net = np.array(sim.outvars["net"].nums)
    values = [net.mean(), net.std(), *np.quantile(net, [0.05, 0.5, 0.95]), (net < 0).mean()]
    print(json.dumps({"values": [float(each) for each in values], "wall": time.perf_counter() - wall,
                      "cpu": time.process_time() - cpu}), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """Six figures and what they took."""

    values: Sequence[float]
    wall: float
    cpu: float


def run() -> list[Row]:
    """Errors beside peers, and a hundred use cases."""
    return [*_beside_peers(), *_hundred()]


def net_of(v: Mapping[str, Floats]) -> Floats:
    """The model of shared/peers/README.md."""
    value = v["accept"] * v["minutes"] * v["wage"] - (1 - v["accept"]) * v["rework"] * v["wage"] - v["cost"]
    return v["users"] * v["tasks"] * value * 8.4 - v["fixed"]


def chance_below(money: float, power: int, seed: int) -> float:
    """P(net < money) by hand: minutes integrated, the others drawn. Uses nothing of payback."""
    from scipy.stats.qmc import Sobol

    u = np.clip(Sobol(7, rng=np.random.default_rng([99, seed])).random_base2(power), 1e-12, 1 - 1e-12).T
    z = ndtri(u)
    wide = 2 * float(ndtri(0.95))

    def between(low: float, high: float, score: Floats) -> Floats:
        return np.asarray(np.sqrt(low * high) * (high / low) ** (score / wide))

    done = between(200, 800, z[0]) * between(10, 30, z[1])
    accept, wage = betaincinv(40, 12, u[2]), between(0.7, 1.3, z[3])
    left = (money + between(15000, 60000, z[6])) / (8.4 * done)
    needed = (left + (1 - accept) * between(2, 8, z[5]) * wage + between(0.05, 0.6, z[4])) / (accept * wage)
    score = (np.log(np.maximum(needed, 1e-300)) - math.log(60) / 2) / (math.log(15 / 4) / wide)
    return float(ndtr(score).mean())


def _beside_peers() -> Iterator[Row]:
    inputs = {name: uncertain(written) for name, written in INPUTS.items()}
    with ExitStack() as stack:
        folder = stack.enter_context(_peers())
        squiggle = stack.enter_context(_squiggle(folder))
        answers: dict[str, list[Answer]] = {"ours": [], "quick": [], "numpy": [], "squiggle": []}
        for seed in range(-3, REPEATS):  # three to warm up
            turn = {
                "ours": _ours(inputs, OURS, seed + 10),
                "quick": _ours(inputs, QUICK, seed + 10),
                "numpy": _numpy(seed + 10),
            }
            if squiggle is not None:
                turn["squiggle"] = _asked(squiggle[0], f"seed {seed}")
            if seed >= 0:
                for name, answer in turn.items():
                    answers[name].append(answer)
        monaco = _monaco(folder, inputs)
    yield Row(
        "eight inputs, truth: P(net < p5) by hand against 5 %",
        100 * abs(chance_below(TRUTH["p5"], 18, 9) / 0.05 - 1),
        "%",
        at_most=0.1,
        note="2^18 points",
    )
    off = {name: _errors(found) for name, found in answers.items() if found}
    theirs = off.get("squiggle")
    for figure in FIGURES:
        shown = (
            f"; at {QUICK:,} draws {off['quick'][figure]:.3g}, numpy {THEIRS:,} {off['numpy'][figure]:.3g}"
        )
        squiggles = f"Squiggle {THEIRS:,} {theirs[figure]:.3g}" if theirs else "no Squiggle"
        told = (
            squiggles + shown + (f", monaco {MONACO_DRAWS:,} {_errors(monaco)[figure]:.3g}" if monaco else "")
        )
        yield Row(
            f"eight inputs, {figure}, error at {OURS:,} draws",
            off["ours"][figure],
            "% of the truth",
            at_most=theirs[figure] if theirs else None,
            bar="Squiggle's" if theirs else "",
            note=told,
        )
    yield Row(
        "eight inputs, errors as they say",
        _claimed(inputs),
        "times",
        at_least=0.7,
        at_most=1.5,
        note=f"standard error said over error found, median of the six figures, {QUICK:,} draws",
    )
    yield from _times(answers, theirs, off, squiggle)
    if monaco:
        yield Row(
            f"eight inputs, monaco's time at {MONACO_DRAWS:,} draws against ours at {OURS:,}",
            _cpu(monaco) / _cpu(answers["ours"]),
            "times",
        )
    else:
        yield Row("eight inputs, monaco", None, note="pip install monaco into PAYBACK_SIMULATION_PEERS/venv")
    yield Row(
        "start, numbers that make the points", _start_seconds(), "CPU s", note="once a run, only to simulate"
    )


def _times(
    answers: Mapping[str, Sequence[Answer]],
    theirs: Mapping[str, float] | None,
    off: Mapping[str, Mapping[str, float]],
    squiggle: tuple[subprocess.Popen[str], float] | None,
) -> Iterator[Row]:
    yield Row(f"eight inputs, {OURS:,} draws", _cpu(answers["ours"]), "CPU s", note="all six figures")
    yield Row(f"eight inputs, {QUICK:,} draws", _cpu(answers["quick"]), "CPU s", note="all six figures")
    yield Row(
        f"eight inputs, {OURS:,} draws against numpy {THEIRS:,}",
        _cpu(answers["ours"]) / _cpu(answers["numpy"]),
        "times the CPU",
    )
    if theirs is None or squiggle is None:
        yield Row("eight inputs, Squiggle", None, note="npm install @quri/squiggle-lang@0.10 gives it")
        return
    pairs = list(zip(answers["ours"], answers["squiggle"], strict=True))
    yield Row(
        f"eight inputs, {OURS:,} draws against Squiggle {THEIRS:,}",
        median(ours.cpu / their.cpu for ours, their in pairs),
        "times the CPU",
        at_most=TIME_BAR,
        note=f"by the clock {median(ours.wall / their.wall for ours, their in pairs):.3g}, in turns",
    )
    quick = list(zip(answers["quick"], answers["squiggle"], strict=True))
    yield Row(
        f"eight inputs, {QUICK:,} draws against Squiggle {THEIRS:,}",
        median(ours.cpu / their.cpu for ours, their in quick),
        "times the CPU",
        at_most=TIME_BAR,
    )
    yield Row(
        "eight inputs, Squiggle's error of the mean against ours",
        theirs["mean"] / off["ours"]["mean"],
        "times",
        at_least=MEAN_BAR,
    )
    better = {figure: theirs[figure] / off["ours"][figure] for figure in FIGURES}
    least = min(better, key=better.__getitem__)
    yield Row(
        "eight inputs, in less than Squiggle's time, the figure that gains least",
        better[least],
        "times nearer",
        at_least=EQUAL_TIME_BAR,
        note=f"{least}; {OURS:,} draws take less time than Squiggle's {THEIRS:,}, so equal time would gain more",
    )
    yield Row("start, import of Squiggle", squiggle[1], "s")


def _ours(inputs: Mapping[str, Uncertain], draws: int, seed: int) -> Answer:
    wall, cpu = time.perf_counter(), time.process_time()
    found = simulate(inputs, net_of, draws=draws, seed=seed)
    return Answer(_six(found), time.perf_counter() - wall, time.process_time() - cpu)


def _six(found: Simulation) -> list[float]:
    return [each.value for each in _figures(found)]


def _figures(found: Simulation) -> list[Simulated]:
    return [found.mean, found.deviation, *(found.quantiles[level] for level in (0.05, 0.5, 0.95)), found.loss]


def _claimed(inputs: Mapping[str, Uncertain]) -> float:
    """Root mean square of the errors said over that of the errors found."""
    found = [_figures(simulate(inputs, net_of, draws=QUICK, seed=seed)) for seed in range(REPEATS)]
    ratios = []
    for place, truth in enumerate(TRUTH.values()):
        said = math.sqrt(sum((each[place].error or 0.0) ** 2 for each in found))
        ratios.append(said / math.sqrt(sum((each[place].value - truth) ** 2 for each in found)))
    return median(ratios)


def _numpy(seed: int) -> Answer:
    """As anybody would write it."""
    wall, cpu = time.perf_counter(), time.process_time()
    random = np.random.default_rng(seed)
    values = {}
    for name, written in INPUTS.items():
        what = uncertain(written)
        if name == "accept":
            values[name] = random.beta(40, 12, THEIRS)
        else:
            middle, spread = what.parameters
            values[name] = random.lognormal(middle, spread, THEIRS)
    net = net_of(values)
    six = [float(net.mean()), float(net.std()), *map(float, np.quantile(net, [0.05, 0.5, 0.95]))]
    six.append(float((net < 0).mean()))
    return Answer(six, time.perf_counter() - wall, time.process_time() - cpu)


def _errors(found: Sequence[Answer]) -> dict[str, float]:
    """Root mean square error, % of the truth."""
    return {
        figure: 100
        * math.sqrt(sum((each.values[place] / TRUTH[figure] - 1) ** 2 for each in found) / len(found))
        for place, figure in enumerate(FIGURES)
    }


def _cpu(found: Sequence[Answer]) -> float:
    return median(each.cpu for each in found)


def _start_seconds() -> float:
    code = (
        "import time; from payback.measures.points import directions; t = time.process_time();"
        "directions(8, 14); print(time.process_time() - t)"
    )
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)


@contextmanager
def _peers() -> Iterator[Path]:
    """The folder named, or one made for the run with what npm and pip can put into it."""
    named = os.environ.get("PAYBACK_SIMULATION_PEERS")
    if named:
        yield Path(named)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        npm = shutil.which("npm")
        if npm:
            _quietly(
                [npm, "install", "--prefix", made, "--no-audit", "--no-fund", "@quri/squiggle-lang@0.10"]
            )
        if _quietly([sys.executable, "-m", "venv", str(folder / "venv")]):
            _quietly([str(folder / "venv" / "bin" / "pip"), "install", "-q", "monaco"])
        yield folder


def _quietly(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=300).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def _squiggle(folder: Path) -> Iterator[tuple[subprocess.Popen[str], float] | None]:
    """A process that answers a line with six figures, and how long it took to load; None where it is absent."""
    model = Path(os.environ.get("PAYBACK_SHARED") or BESIDE) / "peers" / "eight_inputs.squiggle"
    node = shutil.which("node")
    there = (folder / "node_modules" / "@quri" / "squiggle-lang").exists()
    if not (node and there and model.exists()):
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".mjs", dir=folder, encoding="utf-8") as script:
        script.write(SQUIGGLE)
        script.flush()
        with subprocess.Popen(
            [node, script.name, str(model), str(THEIRS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            started = json.loads(_pipe(process.stdout).readline())["start"]
            yield process, started
            _pipe(process.stdin).close()


def _asked(process: subprocess.Popen[str], seed: str) -> Answer:
    asked = _pipe(process.stdin)
    asked.write(f"{seed}\n")
    asked.flush()
    return Answer(**json.loads(_pipe(process.stdout).readline()))


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("the process has no pipe")
    return pipe


def _monaco(folder: Path, inputs: Mapping[str, Uncertain]) -> list[Answer]:
    """Its answers; none where it is absent."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists() or not _quietly([str(python), "-c", "import monaco"]):
        return []
    given = {name: (what.shape.value, *what.parameters[:2]) for name, what in inputs.items()}
    command = [str(python), "-c", MONACO, json.dumps(given), str(MONACO_DRAWS), str(REPEATS)]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    return [Answer(**json.loads(line)) for line in said.stdout.splitlines() if line.startswith("{")]


def _hundred() -> Iterator[Row]:
    """Twelve inputs, 36 months, every figure; worths of inputs against exact ones, which this model allows."""
    cases = [_case(np.random.default_rng([7, number])) for number in range(CASES)]
    simulate(*cases[0][:2], seed=0, yearly_rate=0.08)  # warm up
    wall, cpu = time.perf_counter(), time.process_time()
    found = []
    for number, (inputs, flows) in enumerate(cases):
        found.append(_everything(inputs, flows, number))
    spent, clock = time.process_time() - cpu, time.perf_counter() - wall
    off = []
    for (inputs, flows), (everything, inputs_worth) in zip(cases, found, strict=True):
        truth = _true_worths(inputs, flows)
        off += [100 * abs(inputs_worth[name] - truth[name]) / everything for name in inputs_worth]
    bent = []
    for number, (inputs, flows) in enumerate(cases):
        plain = simulate(inputs, flows, yearly_rate=0.08, seed=number, smooth=False)
        by_spline, truth = worth(plain.net, plain.draws), _true_worths(inputs, flows)
        bent += [
            100 * abs(each.value - truth[each.name]) / by_spline.everything.value for each in by_spline.inputs
        ]
    yield Row(
        f"{CASES} use cases of 12 inputs and 36 months, all figures at {QUICK:,} draws",
        spent,
        "CPU s",
        at_most=CASES_BAR,
        note=f"{clock:.3g} s by the clock",
    )
    yield Row(
        "the same, worth of an input, largest error of 1,200",
        max(off),
        "% of the worth of everything",
        at_most=WORTH_BAR,
        note=f"median {median(off):.2g}",
    )
    yield Row(
        "the same by splines, as where a model bends",
        max(bent),
        "% of the worth of everything",
        note=f"median {median(bent):.2g}, 99 of 100 below {float(np.quantile(bent, 0.99)):.2g}",
    )


Flows = Callable[[Mapping[str, Floats]], Floats]


def _case(random: np.random.Generator) -> tuple[dict[str, Uncertain], Flows]:
    """A use case whose return is about as likely a loss as a gain: each input known to a factor of 1.3 to 6."""

    def about(middle: float) -> str:
        factor = random.uniform(1.15, 2.5)
        return f"{middle / factor:.6g} to {middle * factor:.6g}"

    middles = {"users": 300, "tasks": 18, "minutes": 15, "wage": 1, "cost": 0.2, "rework": 4, "review": 0.8}
    inputs = {name: uncertain(about(middle)) for name, middle in middles.items()}
    inputs["accept"] = uncertain(f"{random.integers(60, 105)} of 110")
    inputs["realised"] = uncertain("pert(0.2, 0.5, 0.9)")
    inputs["run"] = uncertain(about(900))
    inputs["training"] = uncertain(about(8000))
    mean = {name: np.array([moments(each)[0]]) for name, each in inputs.items()} | {"build": np.zeros(1)}

    def flows(v: Mapping[str, Floats]) -> Floats:
        freed = v["realised"] * v["accept"] * v["minutes"] * v["wage"]
        lost = (1 - v["accept"]) * v["rework"] * v["wage"] + v["cost"] + v["review"]
        monthly = v["users"] * v["tasks"] * (freed - lost) - v["run"]
        first = -v["build"] - v["training"]
        ramp = np.minimum(np.arange(1, 37) / 6, 1.0)
        return np.concatenate([first[:, None], monthly[:, None] * ramp], axis=1)

    even = float(present_value(flows(mean), 0.08)[0])  # above 0 in all cases
    return inputs | {"build": uncertain(about(even * random.uniform(0.6, 1.4)))}, flows


def _everything(
    inputs: Mapping[str, Uncertain], flows: Flows, seed: int
) -> tuple[float, Mapping[str, float]]:
    found = simulate(inputs, flows, yearly_rate=0.08, seed=seed)
    if found.flows is None:
        raise RuntimeError("money by month went missing")
    by_month(payback_month(found.flows), 36, found.draws.scrambles)
    internal_rate(found.flows)
    known = worth(found.net, found.draws, slopes=found.slopes, mean=found.mean.value)

    def net(v: Mapping[str, Floats]) -> Floats:
        return present_value(flows(v), 0.08)

    break_evens(inputs, net)
    one_at_a_time(inputs, net)
    more_cases(found.net, found.draws.values["accept"], 100)
    return known.everything.value, {each.name: each.value for each in known.inputs}


def _true_worths(inputs: Mapping[str, Uncertain], flows: Flows) -> dict[str, float]:
    """Exact: money is a straight line in each input and they are independent, so the others stand at their means."""
    scores = ndtri((np.arange(20_000) + 0.5) / 20_000)
    mean = {name: np.full(len(scores), moments(each)[0]) for name, each in inputs.items()}
    found = {}
    for name, what in inputs.items():
        given = present_value(flows({**mean, name: at(what, scores)}), 0.08)
        found[name] = float(np.maximum(given, 0).mean()) - max(float(given.mean()), 0.0)
    return found
