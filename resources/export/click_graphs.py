"""Graphs of clicks, boxes and masks on one picture: vision encoder, prompt and mask decoder, mask prompt."""

import torch
import torch.nn.functional as F
from torch import nn


class Sam2VisionEncoder(nn.Module):
    """pixel_values -> high_res_0, high_res_1, image_embed (without the no-memory embedding)."""

    def __init__(self, tracker):
        super().__init__()
        self.encoder, self.decoder = tracker.vision_encoder, tracker.mask_decoder

    def forward(self, pixel_values):
        levels = self.encoder(pixel_values, return_dict=True).fpn_hidden_states
        return self.decoder.conv_s0(levels[0]), self.decoder.conv_s1(levels[1]), levels[2]


class Sam3VisionEncoder(nn.Module):
    """pixel_values -> trunk: what the click head (through `tracker_neck`) and the detector both start from."""

    def __init__(self, tracker):
        super().__init__()
        self.backbone, self.grid = tracker.vision_encoder.backbone, tracker.prompt_encoder.image_embedding_size

    def forward(self, pixel_values):
        tokens = self.backbone(pixel_values).last_hidden_state
        return tokens.transpose(1, 2).unflatten(2, self.grid)


class Sam3TrackerNeck(nn.Module):
    """trunk -> high_res_0, high_res_1, image_embed (without the no-memory embedding)."""

    def __init__(self, tracker):
        super().__init__()
        # The fourth, coarsest level is not used by anybody.
        self.levels, self.decoder = tracker.vision_encoder.neck.fpn_layers[:3], tracker.mask_decoder

    def forward(self, trunk):
        fine, middle, coarse = (level(trunk) for level in self.levels)
        return self.decoder.conv_s0(fine), self.decoder.conv_s1(middle), coarse


class PromptMaskDecoder(nn.Module):
    """Points, a box as two points, and a mask become four masks: token 0 for a clear prompt, 1..3 for a guess each."""

    def __init__(self, tracker):
        super().__init__()
        self.prompts, self.decoder = tracker.prompt_encoder, tracker.mask_decoder
        self.to_pointer = tracker.object_pointer_proj
        self.register_buffer("no_object_pointer", tracker.no_object_pointer.detach())
        self.register_buffer("image_position", tracker.get_image_wide_positional_embeddings())

    def forward(self, image_embed, high_res_0, high_res_1, point_coords, point_labels, mask_input, has_mask):
        decoder, count = self.decoder, self.decoder.num_mask_tokens
        # `pad`: the original ends every list of points, boxes included, with the point that is none.
        points = self.prompts._embed_points(point_coords.unsqueeze(1), point_labels.unsqueeze(1), pad=True)
        own = torch.cat([decoder.obj_score_token.weight, decoder.iou_token.weight, decoder.mask_tokens.weight])
        own = own[None, None].expand(point_coords.shape[0], -1, -1, -1)
        tokens, image = decoder.transformer(
            point_embeddings=torch.cat([own, points], dim=2),
            image_embeddings=image_embed + self._dense(mask_input, has_mask),
            image_positional_embeddings=self.image_position,
            attention_similarity=None,
        )
        mask_tokens = tokens[:, 0, 2 : 2 + count]
        score = decoder.pred_obj_score_head(tokens[:, 0, 0])
        masks = self._masks(mask_tokens, image, high_res_0, high_res_1)
        return masks, decoder.iou_prediction_head(tokens[:, 0, 1]), self._pointers(mask_tokens, score), score

    def _dense(self, mask_input, has_mask):
        has_mask = has_mask.reshape(-1, 1, 1, 1)
        none = self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        return has_mask * self.prompts.mask_embed(mask_input) + (1 - has_mask) * none

    def _masks(self, mask_tokens, image, high_res_0, high_res_1):
        decoder = self.decoder
        image = image.squeeze(1).transpose(1, 2).unflatten(2, self.image_position.shape[-2:])
        image = decoder.activation(decoder.upscale_layer_norm(decoder.upscale_conv1(image) + high_res_1))
        image = decoder.activation(decoder.upscale_conv2(image) + high_res_0)
        heads = [head(mask_tokens[:, i]) for i, head in enumerate(decoder.output_hypernetworks_mlps)]
        return (torch.stack(heads, dim=1) @ image.flatten(2)).unflatten(2, image.shape[-2:])

    def _pointers(self, mask_tokens, score):
        present = (score > 0).to(mask_tokens.dtype).unsqueeze(-1)
        return present * self.to_pointer(mask_tokens) + (1 - present) * self.no_object_pointer


class MaskPrompt(nn.Module):
    """A mask as the prompt of a frame: what the decoder takes as `mask_input`, and the frame's own low-res logits."""

    def __init__(self, tracker):
        super().__init__()
        self.downsample, self.size = tracker.mask_downsample, tracker.prompt_encoder.mask_input_size[0]
        # Antialiased bilinear reduction is linear and separable: one matrix for both axes, exact everywhere, where the
        # operator `Resize` with `antialias` is not to be had on most execution providers.
        eye = torch.eye(tracker.image_size)[None, None]
        low = F.interpolate(eye, size=(self.size, tracker.image_size), mode="bilinear", antialias=True)
        self.register_buffer("reduce", low[0, 0])

    def forward(self, mask):
        small = self.downsample(mask)
        if small.shape[-1] != self.size:
            small = F.interpolate(small, size=(self.size, self.size), mode="bilinear", align_corners=False)
        # +10 inside, -10 outside: `_use_mask_as_output` of sam2_base.py and of `transformers`.
        return small, self.reduce @ (mask * 20.0 - 10.0) @ self.reduce.T
