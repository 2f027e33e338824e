"""A tiny stand-in of the SAM2.1 video exports with a memory bank of fixed size, and their host's loop.

The graphs have the names, tensors and fixed shapes of `square-zero-labs/sam2.1-tiny-video-onnx` and of what
`diffusionstudio`'s exporter makes (CONTRACT.md, "Video exports of others"); the weights are those of the tiny SAM2.1.
The loop is that of `diffusionstudio`'s editor, written anew with NumPy and ONNX Runtime: one prompted frame, the
newest six memories that are sure, and what is not there yet filled up with the newest, pointers with the oldest.
"""

import json

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

import click_graphs
import convert
import fixtures
import memory_graphs
import scenario
from checkpoint import NORMALISATION
from graphs import Graph
from manifest import NO_OBJECT_LOGIT

MEMORIES, POINTERS = 7, 16
# A tracked frame of a smaller predicted IoU, or without the object, is not remembered; of a still smaller one it is
# reported as empty.
RELIABLE_IOU, PLAUSIBLE_IOU = 0.25, 0.15
# Name -> (frame of the click, where it is as shares of the picture, frames tracked in their order).
SESSIONS = {
    "forward": (0, (0.2, 0.5), range(1, scenario.FRAMES)),
    "reverse": (12, (0.5, 0.5), range(11, -1, -1)),
}


class VisionEncoder(nn.Module):
    """pixel_values -> three levels, the last also with the no-memory embedding, and the positions of its cells."""

    def __init__(self, tracker):
        super().__init__()
        self.levels = click_graphs.Sam2VisionEncoder(tracker)
        self.register_buffer("no_memory", tracker.no_memory_embedding.detach().reshape(1, -1, 1, 1))
        shape = torch.Size((1, tracker.hidden_dim, *tracker.prompt_encoder.image_embedding_size))
        position = tracker.vision_encoder.neck.position_encoding(shape, torch.device("cpu"), torch.float32)
        self.register_buffer("position", position)

    def forward(self, pixel_values):
        fine, middle, coarse = self.levels(pixel_values)
        # Constants are no outputs: this is the table itself.
        return fine, middle, coarse, coarse + self.no_memory, self.position + 0 * coarse


class MaskDecoder(nn.Module):
    """Prompts to the one mask and pointer that count: CONTRACT.md, steps 3 and 4."""

    def __init__(self, tracker):
        super().__init__()
        self.decoder, self.config = click_graphs.PromptMaskDecoder(tracker), tracker.config
        self.heads, self.size = tracker.mask_decoder, tracker.image_size
        self.side = 4 * tracker.prompt_encoder.image_embedding_size[0]

    def forward(self, feats0, feats1, feats2_cond, input_points, input_labels):
        none = torch.zeros(1, 1, self.side, self.side)
        labels = input_labels[:, 0].long()
        masks, ious, pointers, score = self.decoder(
            feats2_cond, feats0, feats1, input_points[:, 0], labels, none, torch.zeros(1)
        )
        guess = 1 + ious[0, 1:].argmax()
        ambiguous = (input_labels != -1).sum() <= self.config.multimask_max_pt_num
        delta = self.heads.dynamic_multimask_stability_delta
        inner, outer = (masks[0, 0] > delta).sum().float(), (masks[0, 0] > -delta).sum().float()
        share = torch.where(outer > 0, inner / outer, torch.ones_like(outer))
        stable = share >= self.heads.dynamic_multimask_stability_thresh
        first = torch.zeros_like(guess)
        mask_token = torch.where(ambiguous, guess, torch.where(stable, first, guess))
        pointer_token = torch.where(ambiguous, guess, first)
        mask = masks.index_select(1, mask_token.reshape(1))
        mask = torch.where(score.reshape(1, 1, 1, 1) > 0, mask, torch.full_like(mask, NO_OBJECT_LOGIT))
        large = F.interpolate(mask, size=(self.size, self.size), mode="bilinear", align_corners=False)
        iou = ious.index_select(1, mask_token.reshape(1))
        return mask, large, iou, score.reshape(1, 1, 1), pointers.index_select(1, pointer_token.reshape(1))


class MemoryEncoder(nn.Module):
    """A frame's mask becomes tokens of a memory, with the positions that all memories share."""

    def __init__(self, tracker):
        super().__init__()
        self.encoder = memory_graphs.MemoryEncoder(tracker)
        shape = torch.Size((1, tracker.mem_dim, *tracker.prompt_encoder.image_embedding_size))
        position = tracker.memory_encoder.position_encoding(shape, torch.device("cpu"), torch.float32)
        self.register_buffer("position", _tokens(position))

    def forward(self, feats2, high_res_mask, object_score_logits, binarize):
        memory = _tokens(self.encoder(feats2, high_res_mask, binarize.reshape(1), object_score_logits))
        return memory, self.position + 0 * memory


class MemoryAttention(nn.Module):
    """Always as many memories, and then always as many pointers of some tokens each."""

    def __init__(self, tracker):
        super().__init__()
        self.attention, self.grid = tracker.memory_attention, tracker.prompt_encoder.image_embedding_size
        self.pointers = POINTERS * (tracker.hidden_dim // tracker.mem_dim)

    def forward(self, current_vision_features, current_vision_position_embeddings, memory, memory_pos):
        found = self.attention(
            current_vision_features=current_vision_features,
            current_vision_position_embeddings=current_vision_position_embeddings,
            memory=memory,
            memory_posision_embeddings=memory_pos,
            num_object_pointer_tokens=self.pointers,
        )
        return found.squeeze(1).transpose(1, 2).unflatten(2, self.grid)


class PointerPositions(nn.Module):
    """How old pointers are."""

    def __init__(self, tracker):
        super().__init__()
        self.project, channels = tracker.temporal_positional_encoding_projection_layer, tracker.hidden_dim
        turn = (torch.arange(channels // 2, dtype=torch.float32) // 2) * 2 / (channels // 2)
        self.register_buffer("period", 10000.0**turn)

    def forward(self, normalized_diffs):
        angle = normalized_diffs.unsqueeze(-1) / self.period
        return self.project(torch.cat([angle.sin(), angle.cos()], dim=-1))


def _tokens(image):
    return image.flatten(2).permute(2, 0, 1)


def graphs(checkpoint):
    """The five graphs."""
    tracker, side, h, c = checkpoint.tracker, checkpoint.image_size, checkpoint.grid, checkpoint.channels
    width = tracker.mem_dim
    rows = MEMORIES * h * h + POINTERS * (c // width)
    random = torch.Generator().manual_seed(1)

    def some(*shape):
        return torch.randn(shape, generator=random), {}

    fine, middle, coarse = some(1, c // 8, 4 * h, 4 * h), some(1, c // 4, 2 * h, 2 * h), some(1, c, h, h)
    points = torch.tensor([[[[9.0, 9.0], [20.0, 30.0]]]]), {2: "points"}
    labels = torch.tensor([[[1, 0]]], dtype=torch.int32), {2: "points"}
    levels = dict(feats0=fine, feats1=middle, feats2_cond=coarse, input_points=points, input_labels=labels)
    mask = dict(
        feats2=coarse,
        high_res_mask=some(1, 1, side, side),
        object_score_logits=some(1, 1),
        binarize=(torch.tensor(1.0), {}),
    )
    bank = dict(
        current_vision_features=some(h * h, 1, c),
        current_vision_position_embeddings=some(h * h, 1, c),
        memory=some(rows, 1, width),
        memory_pos=some(rows, 1, width),
    )
    seen = ["feats0", "feats1", "feats2", "feats2_no_mem", "vision_pos_embed"]
    decoded = ["low_res_mask", "high_res_mask", "iou", "object_score_logits", "object_pointer"]
    made = [
        Graph("vision_encoder", VisionEncoder(tracker), {"pixel_values": some(1, 3, side, side)}, seen),
        Graph("mask_decoder", MaskDecoder(tracker), levels, decoded),
        Graph("memory_encoder", MemoryEncoder(tracker), mask, ["memory_tokens", "memory_pos"]),
        Graph("memory_attention", MemoryAttention(tracker), bank, ["conditioned_feats"]),
        Graph("pointer_tpos", PointerPositions(tracker), {"normalized_diffs": some(POINTERS)}, ["pointer_pos"]),
    ]
    for graph in made:
        graph.module.eval().requires_grad_(False)
    return made


def write(checkpoint, folder):
    """Writes the model as the public ones are laid out, and what their host's loop makes of the shot with it."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    for graph in graphs(checkpoint):
        convert.save(convert.export(graph), folder / "onnx" / f"{graph.name}.onnx")
    mean, deviation = NORMALISATION["sam2"]
    time = checkpoint.tracker.memory_temporal_positional_encoding.detach().reshape(MEMORIES, -1)
    constants = dict(
        model=checkpoint.name,
        image_size=checkpoint.image_size,
        memory_frames=MEMORIES,
        image_mean=mean,
        image_std=deviation,
        memory_temporal_positional_encoding=time.tolist(),
    )
    (folder / "constants.json").write_text(json.dumps(constants) + "\n", encoding="utf-8")
    fixtures.save(folder / "tracker.safetensors", _tracked(folder, scenario.pixels(checkpoint, scenario.FRAMES)))


def _tracked(folder, pixels):
    kept = {}
    for name, (start, point, frames) in SESSIONS.items():
        host = Host(folder, pixels)
        point = (np.array(point) * pixels.shape[-1]).round(2).astype(np.float32)
        found = [host.seed(start, point), *(host.track(frame) for frame in frames)]
        kept[f"{name}/frames"] = np.array([start, *frames], np.int64)
        kept[f"{name}/point"] = point
        for index, label in enumerate(("logits", "score", "iou")):
            kept[f"{name}/{label}"] = np.stack([np.asarray(one[index], np.float32) for one in found])
        sure = sum(one[1] > 0 and one[2] >= RELIABLE_IOU for one in found)
        print(f"fixed bank, {name}: {len(found)} frames, {sure} of them remembered")
    return kept


class Host:
    """One object followed through a shot. `track` takes the frames away from the prompted one, one after the other."""

    def __init__(self, folder, pixels):
        self.folder, self.pixels, self.open = folder, pixels, {}
        constants = json.loads((folder / "constants.json").read_text())
        self.time = np.array(constants["memory_temporal_positional_encoding"], np.float32)
        self.prompted, self.recent, self.positions = None, [], None

    def run(self, name, **inputs):
        if name not in self.open:
            options = onnxruntime.SessionOptions()
            options.log_severity_level, options.intra_op_num_threads = 3, 1
            path = str(self.folder / "onnx" / f"{name}.onnx")
            self.open[name] = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        session = self.open[name]
        return dict(zip([one.name for one in session.get_outputs()], session.run(None, inputs), strict=True))

    def seed(self, frame, point):
        """(logits, score, predicted IoU) of a click, which is what all later frames are tracked from."""
        seen = self.run("vision_encoder", pixel_values=self.pixels[frame : frame + 1])
        found = self._decode(seen, seen["feats2_no_mem"], point, 1)
        self.prompted, self.recent = self._remember(seen, found, frame, True), []
        return self._answer(found)

    def track(self, frame):
        """The same for the next frame."""
        seen = self.run("vision_encoder", pixel_values=self.pixels[frame : frame + 1])
        memory, positions = self._bank(frame)
        attended = self.run(
            "memory_attention",
            current_vision_features=_rows(seen["feats2"]),
            current_vision_position_embeddings=_rows(seen["vision_pos_embed"]),
            memory=memory,
            memory_pos=positions,
        )
        found = self._decode(seen, attended["conditioned_feats"], (0, 0), -1)
        logits, score, iou = self._answer(found)
        if score > 0 and iou >= RELIABLE_IOU:
            self.recent = [*self.recent, self._remember(seen, found, frame, False)][1 - POINTERS :]
        return np.full_like(logits, NO_OBJECT_LOGIT) if iou < PLAUSIBLE_IOU else logits, score, iou

    def _decode(self, seen, embed, point, label):
        return self.run(
            "mask_decoder",
            feats0=seen["feats0"],
            feats1=seen["feats1"],
            feats2_cond=embed,
            input_points=np.array(point, np.float32).reshape(1, 1, 1, 2),
            input_labels=np.array([[[label]]], np.int32),
        )

    def _answer(self, found):
        return found["low_res_mask"][0, 0], found["object_score_logits"].item(), found["iou"].item()

    def _remember(self, seen, found, frame, prompted):
        made = self.run(
            "memory_encoder",
            feats2=seen["feats2"],
            high_res_mask=found["high_res_mask"],
            object_score_logits=found["object_score_logits"].reshape(1, 1),
            binarize=np.array(prompted, np.float32),
        )
        if self.positions is None:
            self.positions = made["memory_pos"]
        return frame, made["memory_tokens"], found["object_pointer"]

    def _bank(self, frame):
        """All memories and then all pointers, and where and how old they are."""
        newest = self.recent[::-1]
        # The prompted frame has the last row of the table, the newest frame the first.
        slots = [(self.prompted, self.time[-1])]
        slots += [(one, self.time[back]) for back, one in enumerate(newest[: MEMORIES - 1])]
        slots += [slots[min(1, len(slots) - 1)]] * (MEMORIES - len(slots))
        pointers = [self.prompted, *newest][:POINTERS]
        pointers += [pointers[-1]] * (POINTERS - len(pointers))
        distance = [abs(frame - at) / (min(len(self.pixels), POINTERS) - 1) for at, _, _ in pointers]
        age = self.run("pointer_tpos", normalized_diffs=np.array(distance, np.float32))["pointer_pos"]
        width = self.time.shape[1]
        tokens = np.concatenate([pointer.reshape(-1, 1, width) for _, _, pointer in pointers])
        memory = np.concatenate([*(kept[1] for kept, _ in slots), tokens])
        ages = age.repeat(len(tokens) // POINTERS, axis=0)[:, None]
        return memory, np.concatenate([*(self.positions + time for _, time in slots), ages])


def _rows(image):
    return np.ascontiguousarray(image[0].reshape(image.shape[1], -1).T[:, None])
