"""Trains scikit-learn's multinomial naive Bayes on a labelled CSV of any size: hashed words, in batches."""

import csv
import itertools
import sys

from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.naive_bayes import MultinomialNB

BATCH = 5000

csv.field_size_limit(1 << 30)
vectorizer = HashingVectorizer(n_features=2**18, alternate_sign=False)
model = MultinomialNB()
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = csv.DictReader(file)
    while batch := list(itertools.islice(rows, BATCH)):
        features = vectorizer.transform(row["CONTENT"] for row in batch)
        model.partial_fit(features, [row["CLASS"] for row in batch], classes=["0", "1"])
print(model.class_count_)
