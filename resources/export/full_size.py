"""Full-size models of random weights: for measuring time and memory where official weights are not at hand."""

import torch
from transformers import Sam2VideoConfig, Sam2VideoModel, Sam3VideoConfig, Sam3VideoModel

from checkpoint import Checkpoint, from_sam3_video

# What the default configurations of `transformers` are.
NAMES = {"sam2": "sam2.1-hiera-tiny", "sam3": "sam3"}
# Score of an object that is always there: of a lost one there is no mask to bring to the frame's size.
PRESENT = 10.0


def build(family, seed=None):
    """A model of the official size with weights as `transformers` begins a training. Its masks mean nothing."""
    seed = 1 if seed is None else seed
    torch.manual_seed(seed)
    name, source, licence = f"random {NAMES[family]}", f"random weights, seed {seed}", "none (random numbers)"
    if family == "sam2":
        tracker = Sam2VideoModel(Sam2VideoConfig()).eval().requires_grad_(False)
        made = Checkpoint("sam2", name, tracker, None, source, licence)
    else:
        made = from_sam3_video(name, Sam3VideoModel(Sam3VideoConfig()), source)
        made.licence = licence
    last = made.tracker.mask_decoder.pred_obj_score_head.proj_out
    last.weight.data.zero_()
    last.bias.data.fill_(PRESENT)
    return made
