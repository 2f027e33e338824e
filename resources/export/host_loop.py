"""CONTRACT.md as a program: the tracker's host loop over the exported graphs, with nothing but NumPy and ONNX Runtime.

It runs the same sessions as `original.py` and exists to prove that the graphs, the manifest and the contract suffice.
"""

import tomllib
from dataclasses import dataclass, field

import numpy as np
import onnxruntime
from ml_dtypes import bfloat16

import scenario


class Graphs:
    """The ONNX Runtime sessions of a model folder, opened when first asked for."""

    def __init__(self, folder):
        self.folder, self.open = folder, {}
        self.manifest = tomllib.loads((folder / "model.toml").read_text())

    def run(self, name, **inputs):
        if name not in self.open:
            options = onnxruntime.SessionOptions()
            options.log_severity_level, options.intra_op_num_threads = 3, 1
            path = str(self.folder / f"{name}.onnx")
            self.open[name] = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return self.open[name].run(None, inputs)


@dataclass
class Kept:
    """What one frame leaves behind for one object."""

    logits: np.ndarray
    score: np.ndarray
    pointer: np.ndarray
    memory: np.ndarray


@dataclass
class Tracked:
    """One object: conditioning frames, other frames, and those of them that were tracked rather than prompted."""

    conditioning: dict = field(default_factory=dict)
    other: dict = field(default_factory=dict)
    seen: set = field(default_factory=set)


class HostLoop(scenario.Runner):
    """One session."""

    def __init__(self, graphs, pixels):
        super().__init__()
        self.graphs, self.pixels = graphs, pixels
        manifest = graphs.manifest
        self.settings, self.model = manifest["tracker"], manifest["model"]
        self.no_memory = np.array(manifest["no_memory_embedding"], np.float32).reshape(1, -1, 1, 1)
        self.no_object = np.array(manifest["no_object_pointer"], np.float32)[None]
        self.objects, self.features = {}, {}

    def _prompt(self, index, object, frame, points=None, labels=None, mask=None, refine=False):
        one = self.objects.setdefault(object, Tracked())
        first = frame not in one.seen
        if mask is not None:
            kept = self._from_mask(frame, scenario.mask_of({"mask": mask}, self.model["image_size"]))
        else:
            embed = self._features(frame)[2] + self.no_memory if first else self._remember(one, frame, False)
            clicks = np.array([points], np.float32), np.array([labels], np.int64)
            before = one.conditioning.get(frame) or one.other.get(frame)
            limit = self.settings["refine_clamp"]
            logits = before.logits.clip(-limit, limit) if refine else None
            kept = self._decode(frame, embed, clicks, logits)
        (one.conditioning if first else one.other)[frame] = kept
        if not first:
            one.seen.add(frame)
        self._note(index, frame, object)

    def _condition(self, index, object, frame):
        one, reach = self.objects[object], self.settings["memory_frames"]
        one.conditioning[frame] = one.other.pop(frame)
        one.other = {at: kept for at, kept in one.other.items() if abs(at - frame) > reach}

    def _propagate(self, index, first, last):
        step = 1 if last >= first else -1
        for frame in range(first, last + step, step):
            for object, one in self.objects.items():
                if frame not in one.conditioning:
                    one.other[frame] = self._decode(frame, self._remember(one, frame, step < 0), None, None)
                    one.seen.add(frame)
                self._note(index, frame, object)

    def _features(self, frame):
        if frame not in self.features:
            outputs = self.graphs.run("vision_encoder", pixel_values=self.pixels[frame : frame + 1])
            if len(outputs) == 1:
                outputs = self.graphs.run("tracker_neck", trunk=outputs[0])
            self.features[frame] = outputs
        return self.features[frame]

    def _decode(self, frame, embed, clicks, before):
        fine, middle, image = self._features(frame)
        side = 4 * self.model["grid"]
        points, labels = clicks or (np.zeros((1, 1, 2), np.float32), np.full((1, 1), -1, np.int64))
        masks, iou, pointers, score = self.graphs.run(
            "prompt_mask_decoder",
            image_embed=embed,
            high_res_0=fine,
            high_res_1=middle,
            point_coords=points,
            point_labels=labels,
            mask_input=np.zeros((1, 1, side, side), np.float32) if before is None else before,
            has_mask=np.array([before is not None], np.float32),
        )
        count = labels.shape[1] if clicks else 0
        token, pointer = self._choose(masks[0], iou[0], count)
        logits = masks[:, token : token + 1]
        if score[0, 0] <= 0:
            logits = np.full_like(logits, self.settings["no_object_logit"])
        memory = self._encode(image, logits, clicks is not None, score)
        return Kept(logits, score, pointers[:, pointer], memory)

    def _choose(self, masks, iou, count):
        """(token of the mask, token of the pointer)."""
        best = 1 + int(iou[1:].argmax())
        least, most = self.settings["multimask_points"]
        if least <= count <= most:
            return best, best
        delta = self.settings["stability_delta"]
        inner, outer = (masks[0] > delta).sum(), (masks[0] > -delta).sum()
        stable = outer == 0 or np.float32(inner) / np.float32(outer) >= np.float32(self.settings["stability_threshold"])
        # The pointer stays that of token 0 even where the mask does not.
        return (0 if stable else best), 0

    def _from_mask(self, frame, mask):
        fine, middle, image = self._features(frame)
        small, logits = self.graphs.run("mask_prompt", mask=mask)
        masks, iou, pointers, _ = self.graphs.run(
            "prompt_mask_decoder",
            image_embed=image,
            high_res_0=fine,
            high_res_1=middle,
            point_coords=np.zeros((1, 1, 2), np.float32),
            point_labels=np.full((1, 1), -1, np.int64),
            mask_input=small,
            has_mask=np.ones(1, np.float32),
        )
        present = bool((mask > 0).any())
        pointer = pointers[:, 1 + int(iou[0, 1:].argmax())] if present else self.no_object
        score = np.full((1, 1), 10 if present else -10, np.float32)
        return Kept(logits, score, pointer, self._encode(image, mask * 20 - 10, True, score))

    def _encode(self, image, logits, prompted, score):
        binarize = np.array([prompted], np.float32)
        memory, = self.graphs.run(
            "memory_encoder", image_embed=image, mask_logits=logits, binarize=binarize, obj_score=score
        )
        # The original stores memories in bfloat16.
        return memory.astype(bfloat16)

    def _remember(self, one, frame, reverse):
        spatial = self._spatial(one, frame, reverse)
        pointers = self._pointers(one, frame, reverse)
        channels, most = self.model["channels"], min(len(self.pixels), self.settings["max_pointers"])
        mem = np.stack([kept.memory.astype(np.float32) for _, kept in spatial], axis=1)
        obj_ptr = [kept.pointer for _, kept in pointers] or [np.zeros((1, channels), np.float32)]
        distance = np.array([[gap for gap, _ in pointers]], np.float32) / np.float32(most - 1)
        embed, = self.graphs.run(
            "memory_attention",
            image_embed=self._features(frame)[2],
            mem=mem,
            mem_tpos=np.array([[back for back, _ in spatial]], np.int64),
            obj_ptr=np.stack(obj_ptr, axis=1)[:, : len(pointers)],
            ptr_tdiff=distance,
        )
        return embed

    def _spatial(self, one, frame, reverse):
        """(temporal position, kept) of the memories: chosen conditioning frames, then the frames just before."""
        chosen = self._closest(one.conditioning, frame)
        passed_over = {at: kept for at, kept in one.conditioning.items() if at not in chosen}
        found = [(0, one.conditioning[at]) for at in chosen]
        for back in range(self.settings["memory_frames"] - 1, 0, -1):
            at = frame + back if reverse else frame - back
            kept = one.other.get(at) or passed_over.get(at)
            if kept is not None:
                found.append((back, kept))
        return found

    def _closest(self, conditioning, frame):
        most = self.settings["max_conditioning_frames"]
        if most < 0 or len(conditioning) <= most:
            return list(conditioning)
        before = max((at for at in conditioning if at < frame), default=None)
        after = min((at for at in conditioning if at >= frame), default=None)
        chosen = [at for at in (before, after) if at is not None]
        rest = sorted((at for at in conditioning if at not in chosen), key=lambda at: abs(at - frame))
        return chosen + rest[: most - len(chosen)]

    def _pointers(self, one, frame, reverse):
        """(frames back, kept) of the pointers: all conditioning frames that are not ahead, then the frames before."""
        sign, last = (-1 if reverse else 1), len(self.pixels) - 1
        found = [((frame - at) * sign, kept) for at, kept in one.conditioning.items() if (frame - at) * sign >= 0]
        for back in range(1, min(len(self.pixels), self.settings["max_pointers"])):
            at = frame - back * sign
            if not 0 <= at <= last:
                break
            if at in one.other:
                found.append((back, one.other[at]))
        return found

    def _note(self, index, frame, object):
        one = self.objects[object]
        kept = one.conditioning.get(frame) or one.other[frame]
        self.results[index, frame, object] = kept.logits[0, 0], kept.score[0, 0], kept.pointer[0]
