"""The order behind the hard verdict: how near the words of an item are to the words of a company.

TF-IDF over single characters and pairs of characters, which needs no word list for Chinese. scikit-learn fits it in a job; the model is
plain JSON with a hash, and scoring it here needs nothing but a dictionary. It orders; it never lifts or lowers a verdict.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

LONGEST_GRAM = 2
KEPT_PER_ITEM = 400
REASONS = 3
TELLING = 1 + math.log(3)
"""The weight of a pair of characters that a third of all items have (smooth idf: 1 + ln((1+n)/(1+df)))."""


class Nearness(Struct, frozen=True):
    """The cosine of two texts (0..1) and the words they share that did most for it."""

    score: float
    words: tuple[str, ...]


def fit(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the model of these texts (item code -> text) as JSON: the weight of each gram and each item's vector."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    codes = sorted(texts)
    vectorizer = TfidfVectorizer(analyzer=_grams, sublinear_tf=True)
    matrix = vectorizer.fit_transform([texts[code] for code in codes])
    names = vectorizer.get_feature_names_out()
    weights = {str(name): round(float(weight), 6) for name, weight in zip(names, vectorizer.idf_, strict=True)}
    vectors: dict[str, dict[str, float]] = {}
    for number, code in enumerate(codes):
        row = matrix[number].tocoo()
        entries = sorted(zip(row.col, row.data, strict=True), key=lambda entry: (-entry[1], entry[0]))[:KEPT_PER_ITEM]
        vectors[code] = {str(names[column]): round(float(value), 6) for column, value in entries}
    return {"kind": "tfidf-char-1-2", "weights": weights, "vectors": vectors}


def hash_model(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the model's canonical JSON."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rank(document: Mapping[str, Any], text: str, codes: Iterable[str]) -> dict[str, Nearness]:
    """Return how near each item is to a text; an item the model has not seen is at 0."""
    weights: Mapping[str, float] = document["weights"]
    counts = Counter(gram for gram in _grams(text) if gram in weights)
    query = {gram: (1 + math.log(count)) * weights[gram] for gram, count in counts.items()}
    length = math.sqrt(sum(value * value for value in query.values())) or 1.0
    found: dict[str, Nearness] = {}
    for code in codes:
        vector: Mapping[str, float] = document["vectors"].get(code, {})
        shares = {gram: query[gram] * weight / length for gram, weight in vector.items() if gram in query}
        found[code] = Nearness(min(1.0, sum(shares.values())), _phrases(text, shares, weights))
    return found


def _phrases(text: str, shares: Mapping[str, float], weights: Mapping[str, float]) -> tuple[str, ...]:
    """Return the longest stretches of the text whose every pair counted, the weightiest first: words one can read.

    A stretch of pairs that most items have (企业) tells nobody anything and is left out.
    """
    worth: dict[str, float] = {}
    for run in _runs(text):
        start = 0
        while start < len(run) - 1:
            end = start
            while end < len(run) - 1 and run[end : end + 2] in shares:
                end += 1
            if any(weights[run[at : at + 2]] >= TELLING for at in range(start, end)):
                worth[run[start : end + 1]] = sum(shares[run[at : at + 2]] for at in range(start, end))
            start = max(end, start + 1)
    best = sorted(worth, key=lambda phrase: (-worth[phrase], phrase))
    kept = [phrase for number, phrase in enumerate(best) if not any(phrase in other for other in best[:number])]
    return tuple(kept[:REASONS])


def _grams(text: str) -> list[str]:
    """Return the characters and neighbouring pairs of a text's letters and digits."""
    return [
        run[start : start + size]
        for run in _runs(text)
        for size in range(1, LONGEST_GRAM + 1)
        for start in range(len(run) - size + 1)
    ]


def _runs(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
