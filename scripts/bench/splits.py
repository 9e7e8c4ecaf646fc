"""Makes the splits, once, as CSV files that every contender reads.

    splits.py REPOSITORY_DATA FOLDER TASKS [MORE_DATA]

    FOLDER/tasks.json              [{"name", "title", "parts": [folder, ...], "stream": file or null}, ...]
    FOLDER/TASK/PART/train.csv     with a column `fold`: five folds for out-of-fold scores
    FOLDER/TASK/PART/test.csv
    FOLDER/TASK/stream.csv         all rows in the order in which they are to be learned one by one
    FOLDER/speed.csv               all rows of the repository's data

MORE_DATA is a folder: each CSV file in it is a task of its own, each folder of CSV files one task of all their rows.
TASKS are names separated by commas; without any, all tasks are made.
Rows whose texts differ in case, links, numbers and punctuation only are always in the same fold.
"""

import json
import random
import sys
from pathlib import Path

from rows import COLUMNS, read, wording, write

SEED = 20260101
FOLDS = 10
INNER_FOLDS = 5
VIDEOS = {"Psy": "youtube-psy", "Katy Perry": "youtube-katyperry", "Eminem": "youtube-eminem"}


def folds(rows, count):
    """A fold for each row: the classes spread evenly, near-identical rows together."""
    groups = {}
    for place, row in enumerate(rows):
        groups.setdefault(wording(row), []).append(place)
    groups = list(groups.values())
    random.Random(SEED).shuffle(groups)
    sizes = [[0, 0] for _ in range(count)]
    of = [0] * len(rows)
    for group in sorted(groups, key=len, reverse=True):
        spam = sum(rows[place]["class"] for place in group)
        label = int(2 * spam > len(group))
        fold = min(range(count), key=lambda fold: sizes[fold][label])
        sizes[fold][0] += len(group) - spam
        sizes[fold][1] += spam
        for place in group:
            of[place] = fold
    return of


def k_fold(rows):
    of = folds(rows, FOLDS)
    for fold in range(FOLDS):
        train = [row for row, its in zip(rows, of) if its != fold]
        test = [row for row, its in zip(rows, of) if its == fold]
        yield f"fold-{fold}", train, test


def authors_split(rows):
    """The first 70 % of each class in file order, and the rest (Alberto, Lochter, Almeida, ICMLA 2015)."""
    train, test = [], []
    for label in (0, 1):
        own = [row for row in rows if row["class"] == label]
        train += own[: len(own) * 7 // 10]
        test += own[len(own) * 7 // 10 :]
    return train, test


def shuffled(rows):
    rows = list(rows)
    random.Random(SEED).shuffle(rows)
    return rows


def repository_tasks(data):
    videos = {name: read(data / f"{file}.csv") for name, file in VIDEOS.items()}
    youtube = [row for rows in videos.values() for row in rows]
    split = {name: authors_split(rows) for name, rows in videos.items()}
    pooled = [[row for parts in split.values() for row in parts[side]] for side in (0, 1)]
    yield "youtube-pooled", "YouTube, authors' 70/30 split, videos pooled", [("all", *pooled)], None
    yield "youtube-videos", "YouTube, authors' 70/30 split, each video by itself", [
        (name, *parts) for name, parts in split.items()
    ], None
    yield "youtube-leave-one-out", "YouTube, leave one video out", [
        (name, [row for other, rows in videos.items() if other != name for row in rows], videos[name])
        for name in videos
    ], None
    yield "youtube-10-fold", "YouTube, 10-fold, near-duplicates in one fold", list(k_fold(youtube)), shuffled(youtube)
    # Almeida, Gómez Hidalgo, Yamakami (DocEng 2011).
    sms = read(data / "sms-spam-collection.csv")
    yield "sms", "SMS, the paper's split (first 1,674, last 3,900)", [("all", sms[:1674], sms[-3900:])], sms
    telegram = read(data / "chatspam-telegram-ru.csv")
    yield "telegram", "Telegram, Russian, 10-fold", list(k_fold(telegram)), shuffled(telegram)


def more_tasks(folder):
    for entry in sorted(Path(folder).iterdir()):
        files = sorted(entry.glob("*.csv")) if entry.is_dir() else [entry] if entry.suffix == ".csv" else []
        if not files:
            continue
        rows = [row for file in files for row in read(file)]
        if min(sum(row["class"] == label for row in rows) for label in (0, 1)) < FOLDS:
            raise SystemExit(f"{entry} has fewer than {FOLDS} rows of one class; put files together in a folder")
        yield entry.stem, f"{entry.stem}, 10-fold", list(k_fold(rows)), rows if len(files) == 1 else shuffled(rows)


def main():
    data, folder, wanted, *more = sys.argv[1:]
    data, folder, wanted = Path(data), Path(folder), set(filter(None, wanted.split(",")))
    known = [*repository_tasks(data), *(more_tasks(more[0]) if more else ())]
    unknown = wanted - {name for name, *_ in known}
    if unknown:
        raise SystemExit(f"unknown task {', '.join(unknown)}; known are {', '.join(name for name, *_ in known)}")
    tasks = []
    for name, title, parts, stream in known:
        if wanted and name not in wanted:
            continue
        for part, train, test in parts:
            train = [{**row, "fold": fold} for row, fold in zip(train, folds(train, INNER_FOLDS))]
            write(folder / name / part / "train.csv", train, (*COLUMNS, "fold"))
            write(folder / name / part / "test.csv", test)
        if stream:
            write(folder / name / "stream.csv", stream)
        tasks.append({"name": name, "title": title, "parts": [part for part, *_ in parts], "stream": bool(stream)})
    write(folder / "speed.csv", [row for file in sorted(data.glob("*.csv")) for row in read(file)])
    (folder / "tasks.json").write_text(json.dumps(tasks, indent=2))


if __name__ == "__main__":
    main()
