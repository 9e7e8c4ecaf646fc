"""Moderato and its peers behind one interface: fit on a CSV file, score a CSV file, learn one by one.

A contender that is a program of its own is run as one, and nothing heavy is imported for it, so that the memory of the
process that runs it does not hide its own.
"""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import figures
import rows


class Contender:
    """Scores are log-odds, or anything that ranks like them unless `calibrated`."""

    name = ""
    calibrated = False
    in_process = False

    def __init__(self, folder):
        self.folder = Path(folder)

    def fit(self, path):
        raise NotImplementedError

    def score(self, path):
        """A score for each row."""
        raise NotImplementedError

    def out_of_fold(self, path):
        """For each row of a training file the score of a model that was not fitted on its fold."""
        train = rows.load(path)
        scores = [0.0] * len(train)
        others, held = self.folder / "others.csv", self.folder / "held.csv"
        for fold in sorted({row["fold"] for row in train}):
            places = [place for place, row in enumerate(train) if row["fold"] == fold]
            rows.write(others, [row for row in train if row["fold"] != fold])
            rows.write(held, [train[place] for place in places])
            self.fit(others)
            for place, score in zip(places, self.score(held), strict=True):
                scores[place] = score
        return scores

    def online(self, stream):
        """For each row in turn the log-odds before it was learned, calibrated on the rows before it; none if the
        contender cannot learn one by one."""
        return None

    def run(self, *command, stdin=None, **options):
        run = subprocess.run(command, input=stdin, capture_output=True, text=True, **options)
        if run.returncode not in self.good_status:
            sys.exit(f"{' '.join(map(str, command))} failed ({run.returncode}):\n{run.stderr}")
        return run.stdout

    good_status = (0,)


class Moderato(Contender):
    """Through the command line alone. Its log-odds are those of a queue that is half spam; a site adds the prior of its
    own queue, and so does this, from the training rows."""

    name = "moderato"
    calibrated = True
    program = os.environ.get("MODERATO_BIN", "moderato")
    learner = os.environ.get("ONLINE_BIN", "online")
    # Rows before the first model, and how much longer the stream has to be for the next retraining.
    first, growth = 20, 1.1
    # The prior is that of so many comments before the one that is judged.
    memory = 300

    def fit(self, path):
        self.model = self.folder / "moderato.model"
        card = json.loads(
            self.run(self.program, "train", "--csv", path, "--validation", "0", "--out", self.model, "--json")
        )["card"]
        self.prior = math.log((card["spam"] + 1) / (card["ham"] + 1))

    def score(self, path):
        output = self.run(
            self.program, "score", "--model", self.model, "--format", "csv", stdin=Path(path).read_text("utf-8")
        )
        return [json.loads(line)["log_odds"] + self.prior for line in output.splitlines()]

    def online(self, stream):
        """Each comment is scored and learned; the whole is retrained whenever the stream has grown by a tenth."""
        stream, scores, start = rows.load(stream), [], self.first
        past, coming = self.folder / "past.csv", self.folder / "coming.csv"
        while start < len(stream) and len({row["class"] for row in stream[:start]}) < 2:
            start += self.first
        scores = [-1.0] * min(start, len(stream))
        while start < len(stream):
            end = min(max(start + 1, int(start * self.growth)), len(stream))
            rows.write(past, stream[:start])
            rows.write(coming, stream[start:end])
            self.fit(past)
            output = self.run(self.learner, self.model, coming)
            for place, score in enumerate(map(float, output.split()), start):
                recent = [row["class"] for row in stream[max(0, place - self.memory) : place]]
                spam = sum(recent)
                scores.append(score + math.log((spam + 1) / (len(recent) - spam + 1)))
            start = end
        return scores


class Peer(Contender):
    """A contender that is calibrated here, by Platt's method on out-of-fold scores."""

    def start(self):
        """Forget everything, for learning one by one."""
        raise NotImplementedError

    def score_one(self, row):
        raise NotImplementedError

    def learn_one(self, row):
        raise NotImplementedError

    # As for Moderato: the latest scores of each class, and when to calibrate anew.
    memory, every = 150, 10

    def learn_all(self, stream):
        self.start()
        latest = ([], [])
        platt = None
        scores, labels = [], []
        for place, row in enumerate(rows.load(stream)):
            raw = self.score_one(row) if place else 0.0
            if place % self.every == 0 and all(latest):
                platt = figures.Platt([(score, label) for label in (0, 1) for score in latest[label][-self.memory :]])
                shift = math.log((len(latest[1][-self.memory :]) + 1) / (len(latest[0][-self.memory :]) + 1))
            recent = labels[-Moderato.memory :]
            prior = math.log((sum(recent) + 1) / (len(recent) - sum(recent) + 1))
            scores.append(platt(raw) - shift + prior if platt else -1.0)
            self.learn_one(row)
            latest[row["class"]].append(raw)
            labels.append(row["class"])
        return scores


class FastText(Peer):
    """Debian's `fasttext`: lower case, punctuation set apart as its tutorial does; one thread, so that runs repeat."""

    name = "fasttext"
    options = "-lr 0.5 -epoch 25 -dim 20 -wordNgrams 2 -minn 3 -maxn 5 -bucket 100000 -thread 1 -verbose 0".split()

    @staticmethod
    def text(row):
        text = f"{row['author']} {row['url']} {row['content']}".lower()
        return " ".join(re.sub(r"([^\w\s])", r" \1 ", text).split())

    def fit(self, path):
        train = self.folder / "train.txt"
        lines = (f"__label__{row['class']} {self.text(row)}\n" for row in rows.load(path))
        train.write_text("".join(lines), "utf-8")
        self.run("fasttext", "supervised", "-input", train, "-output", self.folder / "fasttext", *self.options)
        (self.folder / "fasttext.vec").unlink()

    def score(self, path):
        texts = "".join(f"{self.text(row)}\n" for row in rows.load(path))
        output = self.run("fasttext", "predict-prob", self.folder / "fasttext.bin", "-", "2", stdin=texts)
        scores = []
        for line in output.splitlines():
            words = line.split()
            found = dict(zip(words[::2], map(float, words[1::2])))
            scores.append(figures.logit(found.get("__label__1", 0.5)))
        return scores


class Bogofilter(Peer):
    """Debian's `bogofilter`, stock settings, each comment a message with its author in `From` and its site in the text."""

    name = "bogofilter"
    good_status = (0, 1, 2)  # what it says of a single message

    @staticmethod
    def message(row):
        body = f"{row['url']}\n{row['content']}".replace("\nFrom ", "\n>From ")
        author = " ".join(row["author"].split())
        return f"From x Thu Jan  1 00:00:00 1970\nFrom: {author}\n\n{body}\n\n"

    def fit(self, path):
        self.start()
        for option, label in (("-s", 1), ("-n", 0)):
            mail = "".join(self.message(row) for row in rows.load(path) if row["class"] == label)
            self.run("bogofilter", "-d", self.database, "-M", option, stdin=mail)

    def score(self, path):
        return self.scores(rows.load(path))

    def scores(self, some):
        mail = "".join(map(self.message, some))
        output = self.run("bogofilter", "-d", self.database, "-M", "-T", stdin=mail)
        return [figures.logit(float(line.split()[1])) for line in output.splitlines()]

    def start(self):
        self.database = self.folder / "bogofilter"
        self.database.mkdir(exist_ok=True)
        (self.database / "wordlist.db").unlink(missing_ok=True)

    def score_one(self, row):
        return self.scores([row])[0]

    def learn_one(self, row):
        option = "-s" if row["class"] else "-n"
        self.run("bogofilter", "-d", self.database, "-M", option, stdin=self.message(row))

    def online(self, stream):
        return self.learn_all(stream)


class ScikitLearn(Peer):
    """A vectoriser and a linear model; the one setting of the model is chosen by accuracy on the five training folds,
    and the same scores calibrate it (which favours these peers a little)."""

    in_process = True
    settings = ()

    def __init__(self, folder):
        super().__init__(folder)
        self.setting = self.settings[1]

    def vectoriser(self):
        raise NotImplementedError

    def model(self, setting):
        raise NotImplementedError

    def margin(self, model, matrix):
        return model.decision_function(matrix)

    @staticmethod
    def texts(some):
        return [f"{row['author']}\n{row['url']}\n{row['content']}" for row in some]

    def fit(self, path):
        train = rows.load(path)
        self.words = self.vectoriser()
        self.fitted = self.model(self.setting)
        self.fitted.fit(self.words.fit_transform(self.texts(train)), [row["class"] for row in train])

    def score(self, path):
        return self.margin(self.fitted, self.words.transform(self.texts(rows.load(path)))).tolist()

    def out_of_fold(self, path):
        train = rows.load(path)
        scores = {setting: [0.0] * len(train) for setting in self.settings}
        for fold in sorted({row["fold"] for row in train}):
            held = [place for place, row in enumerate(train) if row["fold"] == fold]
            others = [row for row in train if row["fold"] != fold]
            words = self.vectoriser()
            matrix = words.fit_transform(self.texts(others))
            labels = [row["class"] for row in others]
            unseen = words.transform(self.texts(train[place] for place in held))
            for setting in self.settings:
                model = self.model(setting).fit(matrix, labels)
                for place, score in zip(held, self.margin(model, unseen).tolist()):
                    scores[setting][place] = score
        labels = [row["class"] for row in train]
        self.setting = max(self.settings, key=lambda setting: figures.accuracy(list(zip(scores[setting], labels))))
        return scores[self.setting]

    # One by one: the same kind of tokens, hashed, and the model that can be fitted in part.
    hashed = {}

    def incremental(self):
        raise NotImplementedError

    def start(self):
        from sklearn.feature_extraction.text import HashingVectorizer

        self.words = HashingVectorizer(n_features=2**18, alternate_sign=False, **self.hashed)
        self.fitted = self.incremental()

    def score_one(self, row):
        return float(self.margin(self.fitted, self.words.transform(self.texts([row])))[0])

    def learn_one(self, row):
        self.fitted.partial_fit(self.words.transform(self.texts([row])), [row["class"]], classes=[0, 1])

    def online(self, stream):
        return self.learn_all(stream)


class WordBayes(ScikitLearn):
    """Words and pairs of words, counted."""

    settings = (0.01, 0.1, 1.0)
    hashed = {"ngram_range": (1, 2), "norm": None}

    def vectoriser(self):
        from sklearn.feature_extraction.text import CountVectorizer

        return CountVectorizer(ngram_range=(1, 2))

    def margin(self, model, matrix):
        log = model.predict_joint_log_proba(matrix)
        return log[:, 1] - log[:, 0]

    def incremental(self):
        return self.model(0.1)


class Multinomial(WordBayes):
    name = "multinomial-nb"

    def model(self, setting):
        from sklearn.naive_bayes import MultinomialNB

        return MultinomialNB(alpha=setting)


class Complement(WordBayes):
    name = "complement-nb"

    def model(self, setting):
        from sklearn.naive_bayes import ComplementNB

        return ComplementNB(alpha=setting)


class Characters(ScikitLearn):
    """Runs of three to five characters, weighted by tf-idf."""

    hashed = {"analyzer": "char", "ngram_range": (3, 5)}
    loss = ""

    def vectoriser(self):
        from sklearn.feature_extraction.text import TfidfVectorizer

        return TfidfVectorizer(analyzer="char", ngram_range=(3, 5), sublinear_tf=True)

    def incremental(self):
        from sklearn.linear_model import SGDClassifier

        return SGDClassifier(loss=self.loss, alpha=1e-6, random_state=0)


class Logistic(Characters):
    name = "logistic-regression"
    settings = (1.0, 10.0, 100.0)
    loss = "log_loss"

    def model(self, setting):
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=setting, solver="liblinear", dual=True, max_iter=1000)


class LinearSvm(Characters):
    name = "linear-svm"
    settings = (0.1, 1.0, 10.0)
    loss = "hinge"

    def model(self, setting):
        from sklearn.svm import LinearSVC

        return LinearSVC(C=setting, random_state=0)


PEERS = [Multinomial, Complement, Logistic, LinearSvm, FastText, Bogofilter]
BY_NAME = {contender.name: contender for contender in [Moderato, *PEERS]}
