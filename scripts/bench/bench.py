"""Runs the contenders on the splits and prints the tables. To be run by scripts/bench-classifier.

    bench.py SPLITS CONTENDER,... [JSON]
"""

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import figures
import rows
from contenders import BY_NAME

# Speed is the slope between one copy of the rows and so many: what a program needs to start does not count. It is in
# CPU time, of all threads: on a machine with other work the clock says nothing.
COPIES = 3


def judge(name, task, splits):
    """The figures of one contender on one task, and its online errors if it has a stream and can learn."""
    folder = Path(splits) / task["name"]
    with tempfile.TemporaryDirectory() as work:
        contender = BY_NAME[name](work)
        result = {"figures": figures.summary([judge_part(contender, folder / part) for part in task["parts"]])}
        scores = contender.online(folder / "stream.csv") if task["stream"] else None
        if scores is not None:
            labels = [row["class"] for row in rows.load(folder / "stream.csv")]
            wrong = [(score > 0) != bool(label) for score, label in zip(scores, labels, strict=True)]
            result["online"] = {"rows": len(wrong), "errors": sum(wrong)}
        return result


def judge_part(contender, folder):
    labels = [row["class"] for row in rows.load(folder / "train.csv")]
    unseen = list(zip(contender.out_of_fold(folder / "train.csv"), labels))
    contender.fit(folder / "train.csv")
    scores = contender.score(folder / "test.csv")
    if not contender.calibrated:
        platt = figures.Platt(unseen)
        unseen = [(platt(score), label) for score, label in unseen]
        scores = map(platt, scores)
    scored = list(zip(scores, (row["class"] for row in rows.load(folder / "test.csv")), strict=True))
    return scored, figures.decisions(scored, *figures.thresholds(unseen))


def measure(name, splits):
    """How fast one contender trains and scores, and how much memory its process takes at most."""
    some = rows.load(Path(splits) / "speed.csv")
    text = sum(len("".join((row["content"], row["author"], row["url"])).encode()) for row in some)
    with tempfile.TemporaryDirectory() as work:
        contender = BY_NAME[name](work)
        taken = {}
        # The first round only loads libraries and warms caches.
        for copies in (1, 1, COPIES):
            path = Path(work) / f"{copies}.csv"
            rows.write(path, some * copies)
            for what, work_on in (("train", contender.fit), ("score", contender.score)):
                before = usage(contender)
                work_on(path)
                after = usage(contender)
                taken[what, copies] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    train, score = (taken[what, COPIES] - taken[what, 1] for what in ("train", "score"))
    return {
        "train_mb_per_cpu_second": (COPIES - 1) * text / 1e6 / train,
        "train_cpu_seconds": taken["train", 1],
        "score_cpu_microseconds": score / ((COPIES - 1) * len(some)) * 1e6,
        "peak_megabytes": usage(contender).ru_maxrss / 1024,
    }


def usage(contender):
    return resource.getrusage(resource.RUSAGE_SELF if contender.in_process else resource.RUSAGE_CHILDREN)


def apart(function, *arguments):
    """Calls in a fresh process, whose memory is only its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def table(title, header, lines):
    print(f"\n**{title}**\n\n| {' | '.join(header)} |\n|{' --- |' + ' ---: |' * (len(header) - 1)}")
    for line in lines:
        print(f"| {' | '.join(line)} |")
    sys.stdout.flush()


def percent(share, digits=2):
    return "–" if share is None else f"{100 * share:.{digits}f}"


def judgement(name, f):
    errors = f"{percent(f['approved_spam_share'])} / {percent(f['rejected_ham_share'])}"
    return [
        name,
        percent(f["accuracy"]),
        percent(f["accuracy_mean_of_parts"]),
        f"{percent(f['caught_at_blocked_0.001'], 1)} / {percent(f['caught_at_blocked_0.005'], 1)}",
        f"{f['roc_auc']:.4f}",
        f"{f['brier']:.4f}",
        f"{percent(f['left_to_a_person'], 1)} ({errors})",
    ]


JUDGEMENT = (
    "contender",
    "accuracy %",
    "mean of parts %",
    "caught at 0.1 / 0.5 % blocked %",
    "AUC",
    "Brier",
    "left to a person % (errors among approved / rejected %)",
)


def main():
    splits, names = sys.argv[1], sys.argv[2].split(",")
    results = {"tasks": {}, "speed": {}}
    tasks = json.loads((Path(splits) / "tasks.json").read_text())
    for task in tasks:
        of = results["tasks"][task["name"]] = {}
        for name in names:
            start = time.monotonic()
            of[name] = apart(judge, name, task, splits)
            print(f"{task['name']}, {name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
        table(
            f"{task['title']} ({of[names[0]]['figures']['rows']:,} comments judged)",
            JUDGEMENT,
            [judgement(name, of[name]["figures"]) for name in names],
        )
    streams = [task for task in tasks if task["stream"]]
    if streams:
        online = {
            name: [results["tasks"][task["name"]][name].get("online") for task in streams]
            for name in names
        }
        table(
            "Online: errors when each comment is judged, then learned",
            ["contender", *(f"{task['name']} ({online[names[0]][place]['rows']:,})" for place, task in enumerate(streams))],
            [[name, *(str(cell["errors"]) for cell in cells)] for name, cells in online.items() if all(cells)],
        )
    for name in names:
        results["speed"][name] = apart(measure, name, splits)
    table(
        "Speed and memory, on all rows of the repository",
        ("contender", "training, MB a CPU second", "training once, CPU s", "scoring, CPU µs a comment", "peak memory MB"),
        [
            [
                name,
                f"{s['train_mb_per_cpu_second']:.2f}",
                f"{s['train_cpu_seconds']:.2f}",
                f"{s['score_cpu_microseconds']:.0f}",
                f"{s['peak_megabytes']:.0f}",
            ]
            for name, s in results["speed"].items()
        ],
    )
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
