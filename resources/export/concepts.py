"""Detection by text and exemplar boxes, as `transformers` runs it and through the graphs."""

import numpy as np
import torch

from graphs import NO_BOX, TEXT_CONTEXT

OUTPUTS = ["pred_masks", "pred_boxes", "pred_logits", "presence_logits", "semantic_seg"]
# CLIP's tokens of "cat" and of "a photo of a cat", between start and end.
CAT = [49406, 2368, 49407]
PHOTO = [49406, 320, 1125, 539, 320, 2368, 49407]
# Name -> tokens, exemplar boxes (centre x, centre y, width, height in 0..1), labels (1 include, 0 exclude).
CASES = {
    "text": (CAT, [], []),
    "longer text": (PHOTO, [], []),
    "text and boxes": (CAT, [[0.2, 0.5, 0.3, 0.3], [0.75, 0.2, 0.2, 0.25]], [1, 0]),
}


def inputs(name):
    """The tensors of a case as NumPy arrays. Without a box there is one that is labelled as none."""
    tokens, boxes, labels = CASES[name]
    ids = np.zeros((1, TEXT_CONTEXT), np.int64)
    ids[0, : len(tokens)] = tokens
    boxes = np.array([boxes or [[0.0] * 4]], np.float32)
    return dict(
        input_ids=ids,
        attention_mask=(ids != 0).astype(np.int64),
        input_boxes=boxes,
        input_box_labels=np.array([labels or [NO_BOX]], np.int64),
    )


def expected(detector, pixels):
    """Name of every case -> what `transformers` finds in the picture."""
    return {name: _original(detector, pixels, name) for name in CASES}


def _original(detector, pixels, name):
    given = {key: torch.from_numpy(value) for key, value in inputs(name).items()}
    given["input_boxes_labels"] = given.pop("input_box_labels")
    with torch.no_grad():
        found = detector(pixel_values=torch.from_numpy(pixels), **given)
    return {key: getattr(found, key).numpy() for key in OUTPUTS}


def through_graphs(graphs, pixels, name):
    """What the exported graphs find."""
    given = inputs(name)
    trunk, = graphs.run("vision_encoder", pixel_values=pixels)
    ids, known = given.pop("input_ids"), given.pop("attention_mask")
    text, = graphs.run("text_encoder", input_ids=ids, attention_mask=known)
    found = graphs.run("detector", trunk=trunk, text_features=text, text_mask=known, **given)
    return dict(zip(OUTPUTS, found, strict=True))


def no_box(detector, pixels):
    """The geometry encoder's CLS token without any box (as Meta's model runs it) and beside a box labelled as none."""
    with torch.no_grad():
        vision = detector.vision_encoder(torch.from_numpy(pixels))
        given = dict(img_feats=vision.fpn_hidden_states[:-1], img_pos_embeds=vision.fpn_position_encoding[:-1])

        def encode(count):
            outputs = detector.geometry_encoder(
                box_embeddings=torch.zeros(1, count, 4),
                box_mask=torch.zeros(1, count, dtype=torch.bool),
                box_labels=torch.zeros(1, count, dtype=torch.long),
                **given,
            )
            return outputs.last_hidden_state[:, 0].numpy()

        return {"cls": encode(0)}, {"cls": encode(1)}


def scores(found):
    """Score of every instance: its own times that of the concept being there at all."""
    return _sigmoid(found["pred_logits"]) * _sigmoid(found["presence_logits"])


def _sigmoid(value):
    return 1 / (1 + np.exp(-value))
