"""Small random models of both families: the official architecture, with narrow layers and a small picture."""

import numpy as np
import torch
from onnx import helper, numpy_helper
from transformers import Sam2VideoConfig, Sam2VideoModel, Sam3VideoConfig, Sam3VideoModel

import concepts
import original
import scenario
from checkpoint import Checkpoint, CheckpointError, from_sam3_video

# Channels of the image embedding and of a memory (256 and 64 in the real models): a pointer is two tokens, there four.
CHANNELS, MEMORY_CHANNELS = 32, 16
SAM2_IMAGE, SAM3_IMAGE = 128, 112
# The text encoder's word table repeats with this (prime) period; its graph stores one period.
WORD_PERIOD = 251
# Seeds of the committed fixtures: of the first few, those where rounding (1e-6 of every tensor) moves logits least and
# a wrong pointer, temporal position or rounding of memories moves them most.
SEEDS = {"sam2": 4, "sam3": 1}


def build(family, seed=None):
    """The tiny model of a family as a checkpoint."""
    seed = SEEDS[family] if seed is None else seed
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    name, source = f"tiny {family}", f"random weights, seed {seed}"
    if family == "sam2":
        model = Sam2VideoModel(_sam2())
        _narrow_memory(model)
        tracker = _randomise(model, generator).eval().requires_grad_(False)
        made = Checkpoint("sam2", name, tracker, None, source, "none (random numbers)")
    else:
        model = Sam3VideoModel(_sam3())
        _narrow_memory(model.tracker_model)
        made = from_sam3_video(name, _randomise(model, generator), source)
        _repeat_words(made.detector)
        _spread_instances(made)
        made.licence = "none (random numbers)"
    made.slices = 2
    _sharpen(made.tracker)
    _calibrate_presence(made)
    return made


def _shared(image):
    """Sizes of prompt encoder, mask decoder and memory, the same for both families."""
    return dict(
        prompt_encoder_config=dict(hidden_size=CHANNELS, image_size=image),
        mask_decoder_config=dict(hidden_size=CHANNELS, mlp_dim=32, num_attention_heads=4, iou_head_hidden_dim=32),
        memory_attention_hidden_size=CHANNELS,
        memory_attention_num_layers=2,
        memory_attention_feed_forward_hidden_size=32,
        memory_encoder_hidden_size=CHANNELS,
        memory_encoder_output_channels=MEMORY_CHANNELS,
        mask_downsampler_stride=4,
        mask_downsampler_kernel_size=2,
        mask_downsampler_padding=0,
        mask_downsampler_embed_dim=CHANNELS,
        memory_fuser_num_layers=1,
        memory_fuser_embed_dim=CHANNELS,
        memory_fuser_intermediate_dim=32,
        image_size=image,
    )


def _sam2():
    backbone = dict(
        model_type="sam2_hiera_det_model",
        hidden_size=8,
        num_attention_heads=1,
        image_size=[SAM2_IMAGE, SAM2_IMAGE],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 24, 32],
        num_attention_heads_per_stage=[1, 2, 3, 4],
        window_size_per_stage=[8, 4, 8, 4],
        global_attention_blocks=[3],
    )
    grid = SAM2_IMAGE // 16
    vision = dict(
        model_type="sam2_vision_model",
        backbone_config=backbone,
        backbone_channel_list=[32, 24, 16, 8],
        backbone_feature_sizes=[[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
        fpn_hidden_size=CHANNELS,
    )
    return Sam2VideoConfig(vision_config=vision, memory_attention_rope_feat_sizes=[grid, grid], **_shared(SAM2_IMAGE))


def _sam3():
    backbone = dict(
        model_type="sam3_vit_model",
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SAM3_IMAGE,
        window_size=4,
        global_attn_indexes=[1],
        pretrain_image_size=56,
    )
    grid = SAM3_IMAGE // 14
    vision = dict(
        model_type="sam3_vision_model",
        backbone_config=backbone,
        backbone_feature_sizes=[[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
        fpn_hidden_size=CHANNELS,
    )
    text = dict(
        vocab_size=49408,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=32,
        projection_dim=8,
        hidden_act="gelu",
    )
    layer = dict(hidden_size=CHANNELS, num_attention_heads=4, intermediate_size=32)
    detector = dict(
        vision_config=vision,
        text_config=text,
        geometry_encoder_config=dict(layer, num_layers=1, roi_size=2),
        detr_encoder_config=dict(layer, num_layers=1),
        detr_decoder_config=dict(layer, num_layers=2, num_queries=8),
        mask_decoder_config=dict(hidden_size=CHANNELS, num_attention_heads=4),
    )
    tracker = dict(vision_config=vision, **_shared(SAM3_IMAGE))
    return Sam3VideoConfig(detector_config=detector, tracker_config=tracker)


def _randomise(model, generator):
    """Weights that carry signal through every layer, so that no branch of a graph hides behind zeros."""
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if weight.ndim >= 2 and "no_" not in name:
            weight.data = noise * max(1, weight[0].numel()) ** -0.5
        elif "norm" in name and name.endswith("weight"):
            weight.data = 1 + 0.1 * noise
        else:
            weight.data = 0.2 * noise
    return model


def _sharpen(tracker):
    """Logits of the usual size, and attention that tells one memory from another.

    Random attention is close to an average of everything. Without this, a memory at the wrong temporal position would
    change the result by less than the tolerance of a test; with more, rounding alone would change it by more.
    """
    for head in tracker.mask_decoder.output_hypernetworks_mlps:
        head.proj_out.weight.data *= 3
    # Norms over few channels blow up rounding where all of them happen to be alike: give them something to tell apart.
    masks = tracker.prompt_encoder.mask_embed
    for layer in (tracker.mask_decoder.upscale_conv1, masks.conv1, masks.conv2):
        layer.bias.data *= 5
    for layer in tracker.memory_attention.layers:
        layer.cross_attn_image.k_proj.weight.data *= 1.5
    tracker.memory_temporal_positional_encoding.data *= 2
    tracker.temporal_positional_encoding_projection_layer.weight.data *= 3


def _spread_instances(checkpoint):
    """Instances that are told apart by their scores: some above the threshold, some below."""
    detector = checkpoint.detector
    detector.detr_decoder.presence_head.layer3.bias.data += 3
    project, seen = detector.dot_product_scoring.query_proj, []
    hook = project.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    concepts.expected(detector, scenario.pixels(checkpoint, 1))
    hook.remove()
    project.weight.data *= 12
    # Random queries have much in common, which says nothing.
    project.bias.data = -project.weight.data @ torch.cat([one[-1, 0] for one in seen]).mean(0)


def _calibrate_presence(checkpoint):
    """Sets sign and offset of the object score so that objects are lost for a few frames and found again."""
    last = checkpoint.tracker.mask_decoder.pred_obj_score_head.proj_out
    shot = scenario.pixels(checkpoint, scenario.FRAMES)
    sessions = scenario.sessions(checkpoint.image_size, scenario.FRAMES)
    steps = sessions.pop("both_ways")
    weight, prompts, best = 10 * last.weight.data, sum("prompt" in step for step in steps), (0.0, None, None)

    def scores(of):
        return np.array([score for _, score, _ in original.Original(checkpoint, shot).run(of).values()])

    for sign in (1.0, -1.0):
        last.weight.data, last.bias.data[:] = sign * weight, 100.0
        unshifted = scores(steps) - 100
        for share in range(4, 40, 4):
            last.bias.data[:] = offset = -float(np.percentile(unshifted, share))
            found = scores(steps)
            lost = found < 0
            if 4 <= lost.sum() <= len(lost) // 3 and found[:prompts].min() > 0.1 and (lost[:-2] & ~lost[2:]).any():
                margin = min(float(np.abs(all_).min()) for all_ in (found, *map(scores, sessions.values())))
                best = max(best, (margin, sign, offset), key=lambda one: one[0])
    margin, sign, offset = best
    if sign is None:
        raise CheckpointError("no offset of the object score gives occlusions with this seed: take another one")
    last.weight.data, last.bias.data[:] = sign * weight, offset


def _narrow_memory(tracker):
    """`transformers` takes 64 memory channels for granted in one place; the tiny models have fewer."""
    for layer in tracker.memory_attention.layers:
        cross = layer.cross_attn_image
        cross.k_proj = torch.nn.Linear(MEMORY_CHANNELS, CHANNELS)
        cross.v_proj = torch.nn.Linear(MEMORY_CHANNELS, CHANNELS)


def _repeat_words(detector):
    table = detector.text_encoder.get_input_embeddings().weight
    table.data = table.data[torch.arange(table.shape[0]) % WORD_PERIOD]


def store_one_period(model):
    """Stores one period of the word table in the text encoder's graph, and takes the word's number modulo it."""
    table = next(one for one in model.graph.initializer if list(one.dims)[:1] == [49408])
    rows = numpy_helper.to_array(table)[:WORD_PERIOD].copy()
    table.CopyFrom(numpy_helper.from_array(rows, table.name))
    gather = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[0] == table.name)
    model.graph.initializer.append(numpy_helper.from_array(np.array(WORD_PERIOD, np.int64), "word_period"))
    at = list(model.graph.node).index(gather)
    model.graph.node.insert(at, helper.make_node("Mod", [gather.input[1], "word_period"], ["word_in_period"]))
    model.graph.node[at + 1].input[1] = "word_in_period"
