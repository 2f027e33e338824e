"""Votes of the label propagation on a small made-up scene, by an independent implementation: `propagation.json`, which
`src/propagation/recall_tests.rs` holds the Rust code against. Needs numpy.

    python propagation.py > propagation.json
"""
import json

import numpy as np

COLUMNS, ROWS, CHANNELS = 24, 16, 8
K, T, PROMPT_WEIGHT = 10, 0.07, 2.5
REACH, PROMPT_REACH = 7, 10


def noise(n):
    """-0.5..0.5 of a whole number; exact in any language."""
    return ((n * 7919 + (n % 1013) * (n % 997)) % 1009) / 1008 - 0.5


def scene(frame):
    """A patterned object that moves two columns and a row a frame over a patterned background: features and labels."""
    features = np.zeros((ROWS, COLUMNS, CHANNELS), np.float32)
    labels = np.zeros((ROWS, COLUMNS), np.float32)
    left, top = 2 + 2 * frame, 3 + frame
    for y in range(ROWS):
        for x in range(COLUMNS):
            u, v = x - left, y - top
            inside = 0 <= u < 6 and 0 <= v < 5
            if inside:
                labels[y, x] = 0.5 if u in (0, 5) else 1.0
            for c in range(CHANNELS):
                base = noise(50000 + (v * 6 + u) * 8 + c) if inside else noise((y * COLUMNS + x) * 8 + c)
                jitter = noise(200000 + ((frame * ROWS + y) * COLUMNS + x) * 8 + c)
                features[y, x, c] = base + 0.4 * jitter
    features /= np.linalg.norm(features, axis=2, keepdims=True)
    return (np.round(features * 16384) / 16384).reshape(-1, CHANNELS), labels


def centre(labels):
    m = labels * (labels > 0.3)
    total = m.sum()
    return np.array([(m.sum(1) * np.arange(ROWS)).sum(), (m.sum(0) * np.arange(COLUMNS)).sum()]) / total


def propagate(frame, prompted, recent, windows=True):
    """Labels of `frame` by prompted and recent frames (numbers); the first prompted one starts the way."""
    query, _ = scene(frame)
    way = [prompted[0], *recent]
    gap = min(frame - way[-1] - 1, 10)
    c = centre(scene(way[-1])[1])
    if len(way) > 1 and way[-1] == way[-2] + 1:
        c = c + np.clip(c - centre(scene(way[-2])[1]), -4, 4)
    seen = np.maximum.reduce([scene(f)[1] for f in (recent or prompted[:1])]) > 0.2
    ys, xs = np.where(seen)
    grow = (REACH if recent else PROMPT_REACH) + 2 * gap if windows else 99
    votes = []
    for f in range(ROWS * COLUMNS):
        y, x = divmod(f, COLUMNS)
        if not (ys.min() - grow <= y <= ys.max() + grow and xs.min() - grow <= x <= xs.max() + grow):
            votes.append(0.0)
            continue
        found = []
        for memory in [*prompted, *recent]:
            features, labels = scene(memory)
            dy, dx = (int(round(v)) for v in c - centre(labels)) if windows else (0, 0)
            reach = (PROMPT_REACH if memory in prompted else REACH) + 2 * gap
            bonus = T * np.log(PROMPT_WEIGHT) if memory in prompted else 0.0
            for key in range(ROWS * COLUMNS):
                ky, kx = divmod(key, COLUMNS)
                if windows and (ky + dy - y) ** 2 + (kx + dx - x) ** 2 > reach**2:
                    continue
                found.append((float(query[f] @ features[key]) + bonus, float(labels.ravel()[key])))
        found = sorted(found, key=lambda pair: -pair[0])[:K]
        weights = np.exp((np.array([s for s, _ in found]) - found[0][0]) / T)
        votes.append(float((weights * np.array([label for _, label in found])).sum() / weights.sum()))
    return [round(vote, 5) for vote in votes]


CASES = [
    dict(frame=1, prompted=[0], recent=[], windows=True),
    dict(frame=3, prompted=[0], recent=[1, 2], windows=True),
    dict(frame=3, prompted=[0, 5], recent=[2], windows=True),
    dict(frame=5, prompted=[0], recent=[1, 2], windows=True),
    dict(frame=4, prompted=[0], recent=[3], windows=False),
]

if __name__ == "__main__":
    print(json.dumps([dict(**case, votes=propagate(**case)) for case in CASES], separators=(",", ":")))
