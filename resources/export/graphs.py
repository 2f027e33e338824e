"""The graphs of each family: module, example inputs, names, and which axes may vary."""

from dataclasses import dataclass

import torch

from click_graphs import MaskPrompt, PromptMaskDecoder, Sam2VisionEncoder, Sam3TrackerNeck, Sam3VisionEncoder
from concept_graphs import Detector, TextEncoder
from memory_graphs import MemoryAttention, MemoryEncoder

TEXT_CONTEXT = 32  # tokens of a concept prompt: `max_position_embeddings` of SAM3's text encoder
NO_BOX = -10  # label of an exemplar box or point that is not there


@dataclass
class Graph:
    """`inputs` maps a name to (example tensor, {axis: name of a varying size}); the example traces the export."""

    name: str
    module: torch.nn.Module
    inputs: dict
    outputs: list

    @property
    def example(self):
        return tuple(tensor for tensor, _ in self.inputs.values())


def of(checkpoint, seed=1):
    """Every graph of a checkpoint, in the order a frame goes through them."""
    make = _Examples(checkpoint, seed)
    graphs = _vision(checkpoint, make) + _clicks(checkpoint, make) + _memory(checkpoint, make)
    if checkpoint.detector is not None:
        graphs += _concepts(checkpoint, make)
    for graph in graphs:
        graph.module.eval().requires_grad_(False)
    return graphs


class _Examples:
    """Seeded example tensors of a checkpoint's shapes."""

    def __init__(self, checkpoint, seed):
        self.random = torch.Generator().manual_seed(seed)
        self.grid, self.size, self.channels = checkpoint.grid, checkpoint.image_size, checkpoint.channels

    def normal(self, *shape):
        return torch.randn(shape, generator=self.random)

    def uniform(self, *shape):
        return torch.rand(shape, generator=self.random)

    def image_embed(self, count):
        return self.normal(count, self.channels, self.grid, self.grid)

    def mask(self, count):
        return 4 * self.normal(count, 1, 4 * self.grid, 4 * self.grid)


def _vision(checkpoint, make):
    tracker, pixels = checkpoint.tracker, {"pixel_values": (make.normal(2, 3, make.size, make.size), {0: "images"})}
    heads = ["high_res_0", "high_res_1", "image_embed"]
    if checkpoint.family == "sam2":
        return [Graph("vision_encoder", Sam2VisionEncoder(tracker), pixels, heads)]
    width = tracker.vision_encoder.config.backbone_config.hidden_size
    trunk = {"trunk": (make.normal(2, width, make.grid, make.grid), {0: "images"})}
    return [
        Graph("vision_encoder", Sam3VisionEncoder(tracker), pixels, ["trunk"]),
        Graph("tracker_neck", Sam3TrackerNeck(tracker), trunk, heads),
    ]


def _clicks(checkpoint, make):
    fine, channels = 4 * make.grid, make.channels
    labels = torch.tensor([[1, 0, -1], [2, 3, NO_BOX]])
    decoder = {
        "image_embed": (make.image_embed(2), {0: "objects"}),
        "high_res_0": (make.normal(1, channels // 8, fine, fine), {}),
        "high_res_1": (make.normal(1, channels // 4, fine // 2, fine // 2), {}),
        "point_coords": (make.uniform(2, 3, 2) * make.size, {0: "objects", 1: "points"}),
        "point_labels": (labels, {0: "objects", 1: "points"}),
        "mask_input": (make.mask(2), {0: "objects"}),
        "has_mask": (torch.tensor([0.0, 1.0]), {0: "objects"}),
    }
    mask = {"mask": ((make.uniform(2, 1, make.size, make.size) > 0.6).float(), {0: "objects"})}
    found = ["masks", "iou", "obj_ptr", "obj_score"]
    return [
        Graph("prompt_mask_decoder", PromptMaskDecoder(checkpoint.tracker), decoder, found),
        Graph("mask_prompt", MaskPrompt(checkpoint.tracker), mask, ["mask_input", "low_res_logits"]),
    ]


def _memory(checkpoint, make):
    encoder = {
        "image_embed": (make.image_embed(1), {}),
        "mask_logits": (make.mask(2), {0: "objects", 2: "mask_height", 3: "mask_width"}),
        "binarize": (torch.tensor([1.0, 0.0]), {0: "objects"}),
        "obj_score": (torch.tensor([[2.0], [-2.0]]), {0: "objects"}),
    }
    objects, frames, pointers = 2, 3, 5
    width = checkpoint.tracker.mem_dim
    attention = {
        "image_embed": (make.image_embed(1), {}),
        "mem": (make.normal(objects, frames, width, make.grid, make.grid), {0: "objects", 1: "frames"}),
        "mem_tpos": (torch.tensor([[0, 2, 1], [0, 0, 6]]), {0: "objects", 1: "frames"}),
        "obj_ptr": (make.normal(objects, pointers, make.channels), {0: "objects", 1: "pointers"}),
        "ptr_tdiff": (make.uniform(objects, pointers), {0: "objects", 1: "pointers"}),
    }
    return [
        Graph("memory_encoder", MemoryEncoder(checkpoint.tracker), encoder, ["mem"]),
        Graph("memory_attention", MemoryAttention(checkpoint.tracker, checkpoint.rows), attention, ["cond_embed"]),
    ]


def _concepts(checkpoint, make):
    detector = checkpoint.detector
    words = torch.randint(1, 49000, (2, TEXT_CONTEXT), generator=make.random)
    known = (torch.arange(TEXT_CONTEXT) < torch.tensor([[5], [9]])).long()
    text = {
        "input_ids": (words * known, {0: "texts"}),
        "attention_mask": (known, {0: "texts"}),
    }
    width = checkpoint.tracker.vision_encoder.config.backbone_config.hidden_size
    boxes = torch.tensor([[[0.5, 0.5, 0.3, 0.2], [0.2, 0.3, 0.1, 0.1], [0.6, 0.4, 0.2, 0.5]]])
    found = {
        "trunk": (make.normal(1, width, make.grid, make.grid), {}),
        "text_features": (make.normal(1, TEXT_CONTEXT, make.channels), {}),
        "text_mask": (known[:1], {}),
        "input_boxes": (boxes, {1: "boxes"}),
        "input_box_labels": (torch.tensor([[1, 0, NO_BOX]]), {1: "boxes"}),
    }
    names = ["pred_masks", "pred_boxes", "pred_logits", "presence_logits", "semantic_seg"]
    return [
        Graph("text_encoder", TextEncoder(detector), text, ["text_features"]),
        Graph("detector", Detector(detector), found, names),
    ]
