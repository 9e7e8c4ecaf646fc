"""Labelled comments: read from CSV in any of the usual shapes, written in one."""

import csv
import html
import re
from pathlib import Path

CONTENT = ("content", "comment", "comment_content", "text", "body", "message", "v2")
LABEL = ("class", "label", "spam", "is_spam", "category", "v1")
SPAM = {"1", "spam", "true", "yes", "y"}
HAM = {"0", "ham", "false", "no", "n", "not spam", "legit"}
# Dates and e-mail addresses are left out: in some of the sets they tell the label (docs/benchmark.md).
COLUMNS = ("content", "author", "url", "class")

INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
LINK_TAG = re.compile(r"<a\b[^>]*?href\s*=\s*[\"']?([^\"'\s>]+)[^>]*>", re.IGNORECASE)
LINE_TAG = re.compile(r"<br\s*/?>|</p>", re.IGNORECASE)
OTHER_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
LINK = re.compile(r"(https?://|www\.)\S+")
NO_LETTER = re.compile(r"[\W\d_]+")


def read(path):
    """The rows of a labelled CSV file: dicts of COLUMNS, the class 0 or 1. Rows without text are left out."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        content = next((names[name] for name in CONTENT if name in names), None)
        label = next((names[name] for name in LABEL if name in names), None)
        if content is None or label is None:
            raise SystemExit(f"{path} has no text or no label column, but {', '.join(names) or 'nothing at all'}")
        rows = []
        for row in reader:
            value = (row[label] or "").strip().lower()
            if value not in SPAM | HAM:
                raise SystemExit(f"{path}, line {reader.line_num}: unknown label “{value}”")
            text = plain(row[content] or "")
            if text:
                author, url = (plain(row.get(names.get(name)) or "") for name in ("author", "url"))
                rows.append({"content": text, "author": author, "url": url, "class": int(value in SPAM)})
        return rows


def plain(text):
    """Without what a platform adds by itself and what cannot be seen: both tell where a row came from."""
    text = LINK_TAG.sub(r" \1 ", html.unescape(text))
    text = OTHER_TAG.sub("", LINE_TAG.sub("\n", text))
    return INVISIBLE.sub("", text).strip()


def wording(row):
    """Equal for texts that differ in case, links, numbers and punctuation only."""
    text = row["content"].lower()
    return NO_LETTER.sub(" ", LINK.sub(" ", text)).strip() or text


def write(path, rows, columns=COLUMNS):
    """One CSV file with a header."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def load(path):
    """What `write` wrote; the class, and the fold if there is one, as numbers."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("class", "fold"):
            if name in row:
                row[name] = int(row[name])
    return rows
