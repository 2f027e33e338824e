"""Graphs of SAM3's concepts: the text encoder, and the detector of every instance of a text or of exemplar boxes."""

from types import SimpleNamespace

import torch
from torch import nn


class TextEncoder(nn.Module):
    """input_ids, attention_mask -> text_features."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, input_ids, attention_mask):
        text = self.detector.get_text_features(input_ids=input_ids, attention_mask=attention_mask, return_dict=True)
        return text.pooler_output


class Detector(nn.Module):
    """trunk, text and exemplar boxes -> every instance: masks, boxes, scores.

    Meta's model always runs its geometry encoder and appends that encoder's CLS token to the text; `transformers`
    leaves it out when there is no box. A box labelled -10 is masked out everywhere and leaves the CLS token alone,
    which is what Meta's model does: so the graph takes at least one box, and a caller without any sends one like that.
    """

    def __init__(self, detector):
        super().__init__()
        self.detector = detector
        self.neck = detector.vision_encoder.neck
        grid, channels = detector.vision_encoder.config.backbone_feature_sizes[2], self.neck.config.fpn_hidden_size
        position = self.neck.position_encoding(torch.Size((1, channels, *grid)), torch.device("cpu"), torch.float32)
        self.register_buffer("position", position)

    def forward(self, trunk, text_features, text_mask, input_boxes, input_box_labels):
        levels = [level(trunk) for level in self.neck.fpn_layers[:3]]
        # `transformers` drops the last of four levels, and reads the position of the last of those left.
        vision = SimpleNamespace(
            fpn_hidden_states=[*levels, None],
            fpn_position_encoding=[None, None, self.position, None],
            hidden_states=None,
            attentions=None,
        )
        found = self.detector(
            vision_embeds=vision,
            text_embeds=SimpleNamespace(pooler_output=text_features),
            attention_mask=text_mask,
            input_boxes=input_boxes,
            input_boxes_labels=input_box_labels,
        )
        return found.pred_masks, found.pred_boxes, found.pred_logits, found.presence_logits, found.semantic_seg
