"""What each part of the classifier's design gains: naive Bayes variants on the columns that Moderato extracts.

Reads what `examples/columns.rs` writes, and prints Markdown tables. Everything is measured on rows that neither the models
nor the calibration saw; near-identical texts never sit on both sides. Seeded: the same data give the same tables.
"""

import struct
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.stats import rankdata

WEIGHTS = np.array([1.0, 0.2, 2.0, 2.0, 0.3, 2.0])  # words, characters, links, shape, author, meta
ALPHA, ALPHA_PRESENCE, RIDGE, FOLDS = 0.001, 0.2, 0.03, 5


class Rows:
    """Labelled rows as presence of columns."""

    def __init__(self, path):
        bytes_, at = open(path, "rb").read(), 0
        files, labels, prints, indptr, columns = [], [], [], [0], []
        groups = {}
        while at < len(bytes_):
            file, label, fingerprint, count = struct.unpack_from("<BBQI", bytes_, at)
            at += 14
            cells = np.frombuffer(bytes_, dtype=[("group", "u1"), ("column", "<u4")], count=count, offset=at)
            at += 5 * count
            groups.update(zip(cells["column"].tolist(), cells["group"].tolist()))
            files.append(file), labels.append(label), prints.append(fingerprint)
            columns.append(cells["column"]), indptr.append(indptr[-1] + count)
        used, index = np.unique(np.concatenate(columns), return_inverse=True)
        self.group = np.array([groups[column] for column in used.tolist()])
        self.present = sp.csr_matrix((np.ones(len(index)), index, indptr), shape=(len(labels), len(used)))
        self.file, self.spam = np.array(files), np.array(labels)
        self.print = np.array(prints, dtype=np.uint64)
        self.weight = WEIGHTS[self.group]
        weighted = self.present.multiply(self.weight).tocsr()
        length = np.asarray(weighted.sum(1)).ravel()
        self.normal = (sp.diags(1 / np.maximum(length, 1e-12)) @ weighted).tocsr()

    def folds(self, rows, count=FOLDS, seed=1):
        _, group = np.unique(self.print[rows], return_inverse=True)
        return np.random.RandomState(seed).randint(0, count, group.max() + 1)[group]


class Counts:
    """Per class: evidence (L1-normalised) and comments of each column, and the number of comments."""

    def __init__(self, rows, chosen):
        def sums(matrix, label):
            return np.asarray(matrix[chosen[rows.spam[chosen] == label]].sum(0)).ravel()

        self.mass = [sums(rows.normal, label) for label in (0, 1)]
        self.seen = [sums(rows.present, label) for label in (0, 1)]
        self.rows = [float((rows.spam[chosen] == label).sum()) for label in (0, 1)]
        self.alpha, self.alpha_presence = ALPHA, ALPHA_PRESENCE

    def on_top_of(self, shared, shared_rows):
        """These counts with others under them that count as so many rows."""
        share = min(1.0, shared_rows / sum(shared.rows))
        both = object.__new__(Counts)
        for name in ("mass", "seen", "rows"):
            setattr(both, name, [own + share * theirs for own, theirs in zip(getattr(self, name), getattr(shared, name))])
        both.alpha, both.alpha_presence = share * ALPHA, share * ALPHA_PRESENCE
        return both


def by_length(present, odds, weight):
    """Weighted sum of the known columns' odds over the length (L2) of their weights."""
    length = np.sqrt(present @ (weight * weight))
    return (present @ (weight * odds)) / np.where(length > 0, length, 1)


def multinomial(mass, alpha, known):
    ham, spam = mass
    size = max(known.sum(), 1)
    classes = np.log((ham[known].sum() + alpha * size) / (spam[known].sum() + alpha * size))
    return np.where(known, np.log((spam + alpha) / (ham + alpha)) + classes, 0)


def all_tokens(rows, counts, chosen):
    """One multinomial over all tokens, group weights."""
    known = counts.mass[0] + counts.mass[1] > 0
    odds = multinomial(counts.mass, counts.alpha, known)
    return by_length(rows.present[chosen], odds, rows.weight * known)[:, None]


def each_group(of_group):
    def evidence(rows, counts, chosen):
        known = counts.seen[0] + counts.seen[1] > 0
        present = rows.present[chosen]
        kinds = []
        for group in range(len(WEIGHTS)):
            here = known & (rows.group == group)
            kinds.append(by_length(present, of_group(rows, counts, here), here.astype(float)))
        return np.column_stack(kinds)

    return evidence


def normalised_multinomial(rows, counts, here):
    return multinomial(counts.mass, counts.alpha, here)


def presence_multinomial(rows, counts, here):
    return multinomial(counts.seen, counts.alpha_presence, here)


def bernoulli(rows, counts, here):
    alpha, (ham, spam) = counts.alpha_presence, counts.seen
    classes = np.log((counts.rows[0] + 2 * alpha) / (counts.rows[1] + 2 * alpha))
    return np.where(here, np.log((spam + alpha) / (ham + alpha)) + classes, 0)


def stacked(*parts):
    return lambda *args: np.column_stack([part(*args) for part in parts])


MOST = stacked(each_group(normalised_multinomial), each_group(bernoulli))
VARIANTS = {
    "multinomial, all tokens (one model)": all_tokens,
    "multinomial a group (six)": each_group(normalised_multinomial),
    "multinomial on presence a group (six)": each_group(presence_multinomial),
    "Bernoulli a group (six)": each_group(bernoulli),
    "one multinomial + six multinomial": stacked(all_tokens, each_group(normalised_multinomial)),
    "one multinomial + six Bernoulli": stacked(all_tokens, each_group(bernoulli)),
    "six multinomial + six Bernoulli (shipped)": MOST,
    "one + six multinomial + six Bernoulli": stacked(all_tokens, MOST),
}


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


def newton(x, target, weight, ridge, offset=0.0):
    """Logistic regression, its weights pulled to their mean."""
    kinds = x.shape[1]
    one = np.column_stack([x, np.ones(len(target))])
    hold = 1e-9 * np.eye(kinds + 1)
    hold[:kinds, :kinds] += ridge * (np.eye(kinds) - 1 / max(kinds, 1))
    fitted = np.zeros(kinds + 1)
    for _ in range(60):
        p = sigmoid(one @ fitted + offset)
        gradient = one.T @ (weight * (p - target)) + hold @ fitted
        curvature = (one * (weight * p * (1 - p))[:, None]).T @ one + hold
        step = np.linalg.solve(curvature, gradient)
        fitted -= step
        if np.abs(step).max() < 1e-8:
            break
    return fitted


def calibrate(evidence, spam):
    """Weights (none negative), intercept and prior, as src/classifier/calibration.rs fits them."""
    scale = np.sqrt((evidence**2).mean(0))
    scale[scale == 0] = np.sqrt((evidence**2).mean())
    many = np.array([(spam == 0).sum(), (spam == 1).sum()])
    weight = len(spam) / 2 / many[spam]
    target = np.where(spam == 1, (many[1] + 1) / (many[1] + 2), 1 / (many[0] + 2))
    used = np.arange(evidence.shape[1])
    while True:
        fitted = newton(evidence[:, used] / scale[used], target, weight, RIDGE)
        if len(used) == 0 or (fitted[:-1] >= 0).all():
            break
        used = np.delete(used, fitted[:-1].argmin())
    weights = np.zeros(evidence.shape[1])
    weights[used] = fitted[:-1] / scale[used]
    start = np.log((many[1] + 1) / (many[0] + 1))
    z = evidence @ weights + fitted[-1] + start
    prior = start + newton(np.zeros((len(spam), 0)), spam.astype(float), np.ones(len(spam)), 0, z)[-1]
    return weights, fitted[-1], prior


def out_of_fold(rows, variant, train, seed):
    fold, evidence = rows.folds(train, seed=seed), None
    for number in range(FOLDS):
        part = variant(rows, Counts(rows, train[fold != number]), train[fold == number])
        evidence = np.zeros((len(train), part.shape[1])) if evidence is None else evidence
        evidence[fold == number] = part
    return evidence


def auc(score, spam):
    ranks, many = rankdata(score), spam.sum()
    return (ranks[spam == 1].sum() - many * (many + 1) / 2) / (many * (len(spam) - many))


def zones(probability, spam, error=0.005):
    """The widest zones with at most this share of errors, on these rows."""

    def edge(order, wrong, none):
        share = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
        within = np.where(share <= error)[0]
        return probability[order][within[-1]] if len(within) else none

    order = np.argsort(probability, kind="stable")
    return edge(order, spam, -1.0), edge(order[::-1], 1 - spam, 2.0)


def measure(rows, variant, splits, seed=1):
    probability, held, chosen = [], 0, []
    for train, test in splits:
        evidence = out_of_fold(rows, variant, train, seed)
        weights, intercept, prior = calibrate(evidence, rows.spam[train])
        low, high = zones(sigmoid(evidence @ weights + intercept + prior), rows.spam[train])
        p = sigmoid(variant(rows, Counts(rows, train), test) @ weights + intercept + prior)
        held += ((p > low) & (p < high)).sum()
        probability.append(p), chosen.append(test)
    p, spam = np.concatenate(probability), rows.spam[np.concatenate(chosen)]
    bins = np.minimum((p * 10).astype(int), 9)
    gap = sum(abs(p[bins == b].sum() - spam[bins == b].sum()) for b in range(10)) / len(spam)
    return [100 * ((p >= 0.5) == spam).mean(), auc(p, spam), ((p - spam) ** 2).mean(), gap, 100 * held / len(spam)]


def tasks(rows, names):
    """Rows to train on and rows to measure on. Files beyond those of `models/data` are measured 10-fold, and by models of
    all others; those with fewer than ten rows of a class are put together."""
    at = {name: np.where(rows.file == number)[0] for number, name in enumerate(names)}
    videos = [at[name] for name in names if name.startswith("youtube")]
    tube = np.concatenate(videos)
    authors = []
    for video in videos:
        first = np.concatenate([v[: len(v) * 7 // 10] for v in (video[rows.spam[video] == c] for c in (0, 1))])
        authors.append((first, np.setdiff1d(video, first)))
    sms, chat = at["sms-spam-collection"], at["chatspam-telegram-ru"]

    def k_fold(chosen, count=10):
        fold = rows.folds(chosen, count, seed=0)
        return [(chosen[fold != f], chosen[fold == f]) for f in range(count)]

    further, together = {}, []
    for name in names[5:]:
        if min((rows.spam[at[name]] == label).sum() for label in (0, 1)) < 10:
            together.append(name)
        else:
            further[Path(name).stem] = at[name]
    if together:
        further[" and ".join(Path(name).stem for name in together)] = np.concatenate([at[name] for name in together])
    public = np.concatenate([at[name] for name in names[:5]])
    return {
        "YouTube, authors' 70/30": authors,
        "YouTube, leave one video out": [(np.setdiff1d(tube, video), video) for video in videos],
        "YouTube, 10-fold": k_fold(tube),
        "SMS, paper's split": [(sms[:1674], sms[1674:])],
        "Telegram, 10-fold": k_fold(chat),
        **{f"{name}, 10-fold": k_fold(chosen) for name, chosen in further.items()},
        **{f"{name}, by a model of models/data": [(public, chosen)] for name, chosen in further.items()},
    }


def learning_curve(rows, shared, site, counts=(0, 10, 50, 200, 1000), repeats=3):
    """Accuracy / AUC / Brier on a site's rows after so many of its own labels."""
    under = Counts(rows, shared)
    weights, intercept, _ = calibrate(out_of_fold(rows, MOST, shared, 1), rows.spam[shared])
    hold = min(len(site) // 2, 1500)
    for count in counts:
        if count > len(site) - hold:
            break
        found = {}
        for seed in range(repeats):
            order = np.random.RandomState(seed).permutation(site)
            own, test = Counts(rows, order[hold : hold + count]), order[:hold]
            pooled = own.on_top_of(under, np.inf)
            ways = {"shared + own, pooled": pooled}
            if count:
                ways["own alone"] = own
            for size in (30, 100, 300):
                ways[f"shared shrunk to {size}"] = own.on_top_of(under, size)
            for way, evidence in ways.items():
                p = sigmoid(MOST(rows, evidence, test) @ weights + intercept) if min(evidence.rows) > 0 else np.full(hold, 0.5)
                spam = rows.spam[test]
                found.setdefault(way, []).append([100 * ((p >= 0.5) == spam).mean(), auc(p, spam), ((p - spam) ** 2).mean()])
        for way, figures in found.items():
            print("| {} | {} | {:.1f} % | {:.3f} | {:.3f} |".format(count, way, *np.mean(figures, 0)))


def main():
    path, names = sys.argv[1], sys.argv[2:]
    rows = Rows(path)
    for task, splits in tasks(rows, names).items():
        print(f"\n### {task}\n\n| variant | accuracy | AUC | Brier | ECE | to a person at 0.5 % |\n|---|---|---|---|---|---|")
        for name, variant in VARIANTS.items():
            figures = measure(rows, variant, splits)
            print("| {} | {:.2f} % | {:.4f} | {:.4f} | {:.3f} | {:.1f} % |".format(name, *figures), flush=True)
    for name in ("youtube-eminem", "sms-spam-collection"):
        site = np.where(rows.file == names.index(name))[0]
        print(f"\n### A new site: {name}\n\n| own labels | way | accuracy | AUC | Brier |\n|---|---|---|---|---|")
        learning_curve(rows, np.setdiff1d(np.arange(len(rows.spam)), site), site)


if __name__ == "__main__":
    main()
