"""Reference tensors for tests that have no Python: safetensors (an 8-byte length, a JSON header, raw little-endian data)."""

import json

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

import concepts
import scenario


def write(folder, checkpoint, cases, shot, sessions, detections):
    """Everything a parity test needs beside the model files: see CONTRACT.md, "Fixtures"."""
    _save(folder / "graphs.safetensors", _graphs(cases))
    _save(folder / "tracker.safetensors", _tracker(sessions))
    steps = {"frames": scenario.FRAMES, "sessions": scenario.sessions(checkpoint.image_size)}
    (folder / "tracker.json").write_text(json.dumps(steps, indent=1) + "\n", encoding="utf-8")
    # The frames below each other, as one picture.
    Image.fromarray(shot.reshape(-1, shot.shape[2], 3)).save(folder / "frames.png", optimize=True)
    if detections:
        _save(folder / "concepts.safetensors", _concepts(detections))


def _graphs(cases):
    kept = {}
    for case in cases:
        # The example of `vision_encoder` is two pictures of noise; the smallest case says as much in half the size.
        if case.label == "example" and case.graph in ("vision_encoder", "tracker_neck", "mask_prompt"):
            continue
        prefix = f"{case.graph}/{case.label}"
        kept |= {f"{prefix}/in/{name}": value for name, value in case.inputs.items()}
        kept |= {f"{prefix}/out/{name}": value for name, value in case.outputs.items()}
    return kept


def _tracker(sessions):
    kept = {}
    for name, frames in sessions.items():
        last = {}
        for (step, frame, object), values in frames.items():
            # Propagation passes over conditioning frames: they still are what the prompt made of them.
            if last.get((frame, object)) is not None and np.array_equal(last[frame, object], values[0]):
                continue
            last[frame, object] = values[0]
            for label, value in zip(("logits", "score", "pointer"), values, strict=True):
                kept[f"{name}/{step}/{frame}/{object}/{label}"] = np.atleast_1d(np.asarray(value, np.float32))
    return kept


def _concepts(detections):
    kept = {}
    for name, found in detections.items():
        kept |= {f"{name}/in/{key}": value for key, value in concepts.inputs(name).items()}
        kept |= {f"{name}/out/{key}": value for key, value in found.items()}
        kept[f"{name}/out/scores"] = concepts.scores(found)
    return kept


def _save(path, tensors):
    save_file({name: np.ascontiguousarray(value) for name, value in sorted(tensors.items())}, path)
