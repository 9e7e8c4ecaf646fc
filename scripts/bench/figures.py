"""Figures from scored rows. Scores are log-odds; a row is a pair (log-odds, class)."""

import math

# Two thresholds are to leave at most this share of errors in what is approved and in what is rejected.
ERROR_TARGET = 0.005


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def logit(probability):
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(probability / (1 - probability))


class Platt:
    """`log-odds = slope · score + intercept`, by Newton's method with step halving on softened targets.

    Lin, Lin, Weng, "A Note on Platt's Probabilistic Outputs for Support Vector Machines", 2007.
    """

    def __init__(self, scored):
        spam = sum(label for _, label in scored)
        ham = len(scored) - spam
        self.slope, self.intercept = 1.0, 0.0
        self.scale = math.sqrt(sum(score * score for score, _ in scored) / max(len(scored), 1)) or 1.0
        if not spam or not ham:
            return
        target = (1 / (ham + 2), (spam + 1) / (spam + 2))
        points = [(score / self.scale, target[label]) for score, label in scored]
        self.intercept = math.log((spam + 1) / (ham + 1))
        loss = self.loss(points, self.slope, self.intercept)
        for _ in range(50):
            g1 = g0 = h11 = h10 = h00 = 0.0
            for x, t in points:
                p = sigmoid(self.slope * x + self.intercept)
                error, weight = p - t, p * (1 - p) + 1e-12
                g1 += error * x
                g0 += error
                h11 += weight * x * x
                h10 += weight * x
                h00 += weight
            determinant = (h11 + 1e-9) * (h00 + 1e-9) - h10 * h10
            step1 = -((h00 + 1e-9) * g1 - h10 * g0) / determinant
            step0 = -((h11 + 1e-9) * g0 - h10 * g1) / determinant
            size = 1.0
            while size > 1e-6:
                better = self.loss(points, self.slope + size * step1, self.intercept + size * step0)
                if better < loss:
                    break
                size /= 2
            else:
                break
            self.slope += size * step1
            self.intercept += size * step0
            if loss - better < 1e-9 * len(points):
                break
            loss = better

    @staticmethod
    def loss(points, slope, intercept):
        total = 0.0
        for x, t in points:
            z = slope * x + intercept
            total += max(z, 0) - t * z + math.log1p(math.exp(-abs(z)))
        return total

    def __call__(self, score):
        return self.slope * score / self.scale + self.intercept


def accuracy(scored):
    return sum((score > 0) == bool(label) for score, label in scored) / len(scored)


def caught(scored, blocked):
    """Share of the spam above the lowest threshold that blocks at most this share of the ham."""
    spam = sum(label for _, label in scored)
    allowed = blocked * (len(scored) - spam)
    best = hits = wrong = 0
    for equal in steps(sorted(scored, reverse=True)):
        hits += sum(equal)
        wrong += len(equal) - sum(equal)
        if wrong > allowed:
            break
        best = hits
    return best / spam


def steps(ordered):
    """The classes of rows with equal scores, one list after the other."""
    last, equal = None, []
    for score, label in ordered:
        if equal and score != last:
            yield equal
            equal = []
        last = score
        equal.append(label)
    yield equal


def area(scored):
    """Under the ROC curve: how often spam scores above ham, a tie counting half."""
    spam = sum(label for _, label in scored)
    ham, below, pairs = len(scored) - spam, 0, 0.0
    for equal in steps(sorted(scored)):
        hits = sum(equal)
        pairs += hits * (below + (len(equal) - hits) / 2)
        below += len(equal) - hits
    return pairs / (spam * ham)


def brier(scored):
    return sum((sigmoid(score) - label) ** 2 for score, label in scored) / len(scored)


def thresholds(scored):
    """Log-odds below which to approve and from which to reject: the widest zones within ERROR_TARGET.

    Neither zone goes beyond even odds.
    """
    approve = end([(score, label) for score, label in sorted(scored) if score < 0])
    reject = end([(-score, 1 - label) for score, label in sorted(scored, reverse=True) if score >= 0])
    return -math.inf if approve is None else approve, math.inf if reject is None else -reject


def end(ordered):
    """The last score up to which the share of class 1 is within ERROR_TARGET; none if there is none."""
    last, wrong = None, 0
    for place, (score, label) in enumerate(ordered):
        wrong += label
        tied = place + 1 < len(ordered) and ordered[place + 1][0] == score
        if not tied and wrong <= ERROR_TARGET * (place + 1):
            last = score
    return last


def decisions(scored, approve, reject):
    """Rows approved, spam among them, rejected, ham among them."""
    approved = [label for score, label in scored if score <= approve]
    rejected = [label for score, label in scored if score >= reject]
    return [len(approved), sum(approved), len(rejected), len(rejected) - sum(rejected)]


def summary(parts):
    """Figures of a task. `parts` holds for each part its scored test rows and its `decisions`."""
    scored = [row for part, _ in parts for row in part]
    approved, spam, rejected, ham = (sum(column) for column in zip(*(counts for _, counts in parts)))
    return {
        "rows": len(scored),
        "accuracy": accuracy(scored),
        "accuracy_mean_of_parts": sum(accuracy(part) for part, _ in parts) / len(parts),
        "caught_at_blocked_0.001": caught(scored, 0.001),
        "caught_at_blocked_0.005": caught(scored, 0.005),
        "roc_auc": area(scored),
        "brier": brier(scored),
        "left_to_a_person": 1 - (approved + rejected) / len(scored),
        "approved_spam_share": spam / approved if approved else None,
        "rejected_ham_share": ham / rejected if rejected else None,
    }
