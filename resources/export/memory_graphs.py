"""Graphs of the video memory: encoding a finished mask, and attending to what is remembered."""

import torch
import torch.nn.functional as F
from torch import nn

from attention import attend


class MemoryEncoder(nn.Module):
    """A frame's mask and its raw image embedding become what later frames attend to."""

    def __init__(self, tracker):
        super().__init__()
        self.encoder = tracker.memory_encoder
        self.image, self.mask = tracker.image_size, 4 * tracker.prompt_encoder.mask_input_size[0]
        self.scale, self.bias = tracker.config.sigmoid_scale_for_mem_enc, tracker.config.sigmoid_bias_for_mem_enc
        occluded = tracker.occlusion_spatial_embedding_parameter
        occluded = torch.zeros(1, tracker.mem_dim) if occluded is None else occluded.detach()
        self.register_buffer("occluded", occluded.reshape(1, -1, 1, 1))

    def forward(self, image_embed, mask_logits, binarize, obj_score):
        # Two steps as in the original: low-res logits to the picture's size, then (SAM3) to 16 times the grid.
        mask = F.interpolate(mask_logits, size=(self.image, self.image), mode="bilinear", align_corners=False)
        if self.mask != self.image:
            mask = F.interpolate(mask, size=(self.mask, self.mask), mode="bilinear", align_corners=False)
        binarize = binarize.reshape(-1, 1, 1, 1)
        mask = binarize * (mask > 0).to(mask.dtype) + (1 - binarize) * mask.sigmoid()
        mask = self.encoder.mask_downsampler(mask * self.scale + self.bias)
        memory = self.encoder.projection(self.encoder.memory_fuser(self.encoder.feature_projection(image_embed) + mask))
        return memory + (1 - (obj_score > 0).to(memory.dtype)).reshape(-1, 1, 1, 1) * self.occluded


class MemoryAttention(nn.Module):
    """The raw image embedding, conditioned on T remembered frames and P object pointers of each of B objects."""

    def __init__(self, tracker, rows):
        super().__init__()
        self.rows = rows
        config, grid = tracker.config, tracker.prompt_encoder.image_embedding_size
        self.attention, self.grid, self.width = tracker.memory_attention, grid, tracker.mem_dim
        self.pointer_time = tracker.temporal_positional_encoding_projection_layer
        self.timed_pointers = config.enable_temporal_pos_encoding_for_object_pointers
        channels = tracker.hidden_dim
        neck = tracker.vision_encoder.neck.position_encoding
        image = neck(torch.Size((1, channels, *grid)), torch.device("cpu"), torch.float32)
        memory = tracker.memory_encoder.position_encoding(
            torch.Size((1, self.width, *grid)), torch.device("cpu"), torch.float32
        )
        self.register_buffer("image_position", _tokens(image))
        self.register_buffer("memory_position", _tokens(memory))
        # `transformers` indexes with (frames back - 1), so that 0, a conditioning frame, is the last row.
        self.register_buffer("time", tracker.memory_temporal_positional_encoding.detach()[:, 0, 0].roll(1, 0))
        turn = (torch.arange(channels // 2, dtype=torch.float32) // 2) * 2 / (channels // 2)
        self.register_buffer("pointer_period", 10000.0**turn)
        cos, sin = self.attention.rotary_emb(image, self.attention.position_ids)
        self.register_buffer("cos", cos.reshape(1, 1, -1, cos.shape[-1]).clone())
        self.register_buffer("sin", sin.reshape(1, 1, -1, sin.shape[-1]).clone())

    def forward(self, image_embed, mem, mem_tpos, obj_ptr, ptr_tdiff):
        objects = mem.shape[0]
        image = _tokens(image_embed) + 0.1 * self.image_position
        image = image.expand(objects, -1, -1)
        memory = mem.flatten(3).transpose(2, 3)
        memory_key = memory + self.memory_position[:, None] + self.time[mem_tpos][:, :, None]
        # A pointer is cut into tokens of a memory's width; all of them share its temporal position.
        pieces = obj_ptr.shape[2] // self.width
        pointers = obj_ptr.unflatten(2, (pieces, self.width))
        pointer_key = pointers + self._pointer_time(ptr_tdiff)[:, :, None]
        for layer in self.attention.layers:
            image = image + self._look_at_itself(layer.self_attn, layer.layer_norm1(image))
            query = layer.layer_norm2(image)
            image = image + self._look_back(layer.cross_attn_image, query, memory, memory_key, pointers, pointer_key)
            image = image + layer.linear2(layer.activation(layer.linear1(layer.layer_norm3(image))))
        image = self.attention.layer_norm(image)
        return image.transpose(1, 2).unflatten(2, self.grid)

    def _pointer_time(self, ptr_tdiff):
        if not self.timed_pointers:
            return torch.zeros(1, 1, self.width)
        angle = ptr_tdiff.unsqueeze(-1) / self.pointer_period
        return self.pointer_time(torch.cat([angle.sin(), angle.cos()], dim=-1))

    def _look_at_itself(self, layer, image):
        query, key = self._turn(layer.q_proj(image)[:, None]), self._turn(layer.k_proj(image)[:, None])
        return layer.o_proj(attend(query, key, layer.v_proj(image)[:, None], layer.scaling, self.rows)[:, 0])

    def _look_back(self, layer, query, memory, memory_key, pointers, pointer_key):
        query = self._turn(layer.q_proj(query)[:, None])
        # Every remembered frame is turned by the same angles; pointers have no place in the picture.
        turned = self._turn(layer.k_proj(memory_key))
        key = torch.cat([turned.flatten(1, 2), layer.k_proj(pointer_key).flatten(1, 2)], 1)
        value = torch.cat([layer.v_proj(memory).flatten(1, 2), layer.v_proj(pointers).flatten(1, 2)], 1)
        return layer.o_proj(attend(query, key[:, None], value[:, None], layer.scaling, self.rows)[:, 0])

    def _turn(self, x):
        """Rotary positions over pairs of channels. `x` is [B, any, h*w, C]."""
        pairs = x.unflatten(3, (-1, 2))
        turned = torch.stack((-pairs[..., 1], pairs[..., 0]), dim=-1).flatten(3)
        return x * self.cos + turned * self.sin


def _tokens(image):
    return image.flatten(2).transpose(1, 2)
