"""Attention with the queries in slices.

One full score matrix of SAM3 is 754 MB (memory attention over seven memories) to 1.7 GB (a global layer of the trunk).
A softmax runs over keys, so the queries can be taken a slice at a time with the same result: plain operators that every
execution provider has, and a peak that is smaller by the number of slices.
"""

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

NAME = "roto_sliced"


def attend(query, key, value, scaling, rows, mask=None):
    """softmax(query key' * scaling + mask) value for [B, heads, tokens, channels], `rows` queries at a time.

    `mask` is additive, or None.
    """
    count = query.shape[2]
    # A symbolic count (text tokens, clicks) is always a small one.
    if not isinstance(count, int) or count <= rows:
        return _attend(query, key, value, scaling, mask)
    parts = []
    for start in range(0, count, rows):
        own = mask if mask is None or mask.shape[2] == 1 else mask[:, :, start : start + rows]
        parts.append(_attend(query[:, :, start : start + rows], key, value, scaling, own))
    return torch.cat(parts, dim=2)


def _attend(query, key, value, scaling, mask):
    scores = (query * scaling) @ key.transpose(2, 3)
    if mask is not None:
        scores = scores + mask
    return scores.softmax(dim=-1) @ value


def use_sliced_attention(model, rows):
    """Makes every attention layer of a `transformers` model take `rows` queries at a time."""

    def sliced(module, query, key, value, attention_mask, scaling=None, **_):
        scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
        return attend(query, key, value, scaling, rows, attention_mask).transpose(1, 2).contiguous(), None

    AttentionInterface.register(NAME, sliced)
    AttentionMaskInterface.register(NAME, eager_mask)
    for module in model.modules():
        config = getattr(module, "config", None)
        if config is not None and hasattr(config, "_attn_implementation"):
            config._attn_implementation = NAME
