"""Reference tensors for tests without Python: safetensors (an 8-byte length, a JSON header, raw little-endian data)."""

import json

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

import concepts
import scenario

# Big cases that say no more than the other one of their graph.
LEFT_OUT = {
    "vision_encoder": "example",
    "tracker_neck": "example",
    "mask_prompt": "example",
    "prompt_mask_decoder": "smallest",
    "memory_encoder": "smallest",
    "text_encoder": "smallest",
    "detector": "smallest",
}


def write(folder, checkpoint, cases, shot, sessions, detections):
    """Everything a parity test needs beside the model files: see CONTRACT.md, "Fixtures"."""
    save(folder / "graphs.safetensors", _graphs(cases))
    save(folder / "tracker.safetensors", _tracker(sessions))
    steps = {"frames": len(shot), "sessions": scenario.sessions(checkpoint.image_size, len(shot))}
    (folder / "tracker.json").write_text(json.dumps(steps, indent=1) + "\n", encoding="utf-8")
    # The frames below each other, as one picture.
    Image.fromarray(shot.reshape(-1, shot.shape[2], 3)).save(folder / "frames.png", optimize=True)
    if detections:
        save(folder / "concepts.safetensors", _concepts(detections))


def _graphs(cases):
    kept = {}
    for case in cases:
        if case.label == LEFT_OUT.get(case.graph) or (case.graph, case.label) == ("vision_encoder", "smallest"):
            continue
        prefix = f"{case.graph}/{case.label}"
        kept |= {f"{prefix}/in/{name}": value for name, value in case.inputs.items()}
        kept |= {f"{prefix}/out/{name}": value for name, value in case.outputs.items()}
    mask = "mask_prompt/smallest/in/mask"
    kept[mask] = kept[mask].astype(np.uint8)
    # The first frame of the shot: a reader makes the input from frames.png.
    kept.pop("vision_encoder/first frame/in/pixel_values")
    return kept


def _tracker(sessions):
    kept = {}
    for name, frames in sessions.items():
        rows, last = [], {}
        for (_, frame, object), values in frames.items():
            # Propagation passes over conditioning frames: they still are what the prompt made of them.
            before = last.get((frame, object))
            rows.append(before is None or not all(map(np.array_equal, before, values)))
            last[frame, object] = values
        keys = [key for key, new in zip(frames, rows, strict=True) if new]
        kept[f"{name}/keys"] = np.array(keys, np.int64)
        for part, label in enumerate(("logits", "score", "pointer")):
            kept[f"{name}/{label}"] = np.stack([np.asarray(frames[key][part], np.float32) for key in keys])
    return kept


def _concepts(detections):
    kept = {}
    for name, found in detections.items():
        kept |= {f"{name}/in/{key}": value for key, value in concepts.inputs(name).items()}
        kept |= {f"{name}/out/{key}": value for key, value in found.items()}
        kept[f"{name}/out/scores"] = concepts.scores(found)
    return kept


def save(path, tensors):
    """Writes named tensors as a safetensors file."""
    save_file({name: np.ascontiguousarray(value) for name, value in sorted(tensors.items())}, path)
