"""What the tracker is asked to do in the parity runs: a small synthetic shot and sessions of prompts and propagation.

A step of a session is one of
  {"prompt": {"object", "frame", "points", "labels"}}   clicks; a box is two points labelled 2 and 3, before others
  {"prompt": {..., "refine": true}}                     the same with the frame's last logits as the mask input
  {"prompt": {"object", "frame", "mask": [l, t, r, b]}} a rectangular mask (an empty one has no pixel)
  {"condition": {"object", "frame"}}                    a corrected frame becomes conditioning; memories around it go
  {"propagate": {"first", "last"}}                      towards smaller frame numbers when `last` < `first`
Coordinates are pixels of the model's picture; here they are written as fractions of its size.
"""

import numpy as np

from checkpoint import NORMALISATION

# Frames that the sessions are made for. A shorter shot (of a full-size model) has one short session.
FRAMES = 24


def pixels(checkpoint, frames):
    """f32 [frames, 3, size, size]: the shot, normalised as the family wants it."""
    mean, std = (np.array(value, np.float32) for value in NORMALISATION[checkpoint.family])
    pictures = (shot(checkpoint.image_size, frames).astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))


def shot(size, frames):
    """u8 [frames, size, size, 3]: a disc crosses a gradient, a box drifts, and a wall hides the disc for a while."""
    y, x = np.mgrid[:size, :size]
    background = np.stack([x * 200 // size, y * 160 // size, (x + y) * 100 // size], axis=-1)
    made = []
    for index in range(frames):
        picture = background.copy()
        at = size * (20 + 60 * index / FRAMES) / 100
        disc = (x - at) ** 2 + (y - 0.5 * size) ** 2 < (0.16 * size) ** 2
        picture[disc] = (230, 70 + 3 * index, 40)
        left, top = int(size * (0.62 - 0.01 * index)), int(size * (0.1 + 0.005 * index))
        picture[top : top + size // 5, left : left + size // 4] = (40, 220, 180)
        if 14 <= index <= 18:
            picture[size // 4 :, : size - size // 8] = (250, 250, 245)
        made.append(picture)
    return np.stack(made).astype(np.uint8)


class Runner:
    """Does the steps of a session, each kind by the method of its name: `_prompt`, `_condition`, `_propagate`.

    `results` maps (step, frame, object) to (low-res logits, object score, pointer).
    """

    def __init__(self):
        self.results = {}

    def run(self, steps):
        for index, step in enumerate(steps):
            (kind, what), = step.items()
            getattr(self, f"_{kind}")(index, **what)
        return self.results


def sessions(size, frames):
    """Name -> steps."""
    named = _sessions() if frames >= FRAMES else {"short": [_click(0, (0.2, 0.5)), _propagate(0, frames - 1)]}
    return {name: [_scaled(step, size) for step in steps] for name, steps in named.items()}


def _click(frame, *points, object=1, labels=None, **more):
    labels = labels or [1] * len(points)
    return {"prompt": {"object": object, "frame": frame, "points": [list(p) for p in points], "labels": labels, **more}}


def _propagate(first, last):
    return {"propagate": {"first": first, "last": last}}


def _sessions():
    box = _click(0, (0.6, 0.08), (0.9, 0.32), object=2, labels=[2, 3])
    second = _click(12, (0.5, 0.5), (0.8, 0.2), labels=[1, 0])
    mask = {"prompt": {"object": 1, "frame": 0, "mask": [0.073, 0.35, 0.367, 0.65]}}
    nothing = {"prompt": {"object": 1, "frame": 3, "mask": [0.0, 0.0, 0.0, 0.0]}}
    many = [_click(frame, (0.2 + 0.025 * frame, 0.5)) for frame in (0, 3, 6, 9, 15, 20)]
    return {
        # Two objects, a second prompt frame, an occlusion; to the end, and back.
        "both_ways": [_click(0, (0.2, 0.5)), box, second, _propagate(0, FRAMES - 1), _propagate(FRAMES - 1, 11)],
        # Prompted in the middle: on the way back the frames after the prompt are already remembered.
        "middle": [_click(12, (0.5, 0.5)), _propagate(12, 18), _propagate(12, 5)],
        # A click, a second click on the same frame; later a correction of a tracked frame.
        "refined": [
            _click(0, (0.2, 0.5)),
            _click(0, (0.2, 0.5), (0.45, 0.55), labels=[1, 0], refine=True),
            _propagate(0, 7),
            _click(5, (0.34, 0.45), refine=True),
            {"condition": {"object": 1, "frame": 5}},
            _propagate(5, 10),
        ],
        # A mask as the prompt, and a frame where a mask says that there is nothing.
        "masked": [mask, nothing, _propagate(0, 6)],
        # More conditioning frames than SAM3 attends to.
        "many": [*many, _propagate(0, 10)],
    }


def _scaled(step, size):
    prompt = dict(step.get("prompt", {}))
    if not prompt:
        return step
    for key in ("points", "mask"):
        if key in prompt:
            prompt[key] = (np.array(prompt[key]) * size).round(2).tolist()
    return {"prompt": prompt}


def mask_of(prompt, size):
    """f32 [1, 1, size, size] of a mask prompt."""
    left, top, right, bottom = (round(edge) for edge in prompt["mask"])
    mask = np.zeros((1, 1, size, size), np.float32)
    mask[..., top:bottom, left:right] = 1
    return mask
