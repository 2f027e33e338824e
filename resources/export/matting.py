"""Networks for matting: ViTMatte of transformers, and stand-ins of what others export. See MATTING.md."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F
from transformers import AutoConfig, VitDetConfig, VitMatteConfig, VitMatteForImageMatting

from checkpoint import CheckpointError

# Seeds of the committed fixtures.
SEEDS = {"vitmatte": 1, "rvm": 1, "modnet": 1}
KINDS = list(SEEDS)


@dataclass
class Network:
    """`kind` is one of KINDS, `module` takes and gives the tensors of the family as MATTING.md has them."""

    kind: str
    name: str
    module: nn.Module


def is_vitmatte(checkpoint):
    """Whether a name or folder is that of a ViTMatte, as far as its configuration can be read."""
    try:
        return AutoConfig.from_pretrained(checkpoint).model_type == "vitmatte"
    except (OSError, ValueError):
        return False


def load(checkpoint):
    """A ViTMatte of transformers by its name or folder."""
    model = VitMatteForImageMatting.from_pretrained(checkpoint)
    if model.config.backbone_config.num_channels != 4:
        raise CheckpointError(f"{checkpoint} takes no picture with a trimap")
    return Network("vitmatte", checkpoint.rstrip("/").split("/")[-1], _alphas(model))


def random():
    """A ViTMatte of full size (the small one) with random weights, for measuring."""
    torch.manual_seed(1)
    backbone = VitDetConfig(
        num_channels=4,
        hidden_size=384,
        num_attention_heads=6,
        image_size=512,
        patch_size=16,
        window_size=14,
        window_block_indices=[0, 1, 3, 4, 6, 7, 9, 10],
        residual_block_indices=[2, 5, 8, 11],
        use_relative_position_embeddings=True,
        out_features=["stage12"],
    )
    sizes = dict(hidden_size=384, convstream_hidden_sizes=[48, 96, 192], fusion_hidden_sizes=[256, 128, 64, 32])
    return Network("vitmatte", "random ViTMatte", _alphas(VitMatteForImageMatting(VitMatteConfig(backbone_config=backbone, **sizes))))


def tiny(kind, seed=None):
    """A network of the family's tensors with few channels and random weights."""
    torch.manual_seed(SEEDS[kind] if seed is None else seed)
    module = {"vitmatte": _tiny_vitmatte, "rvm": Recurrent, "modnet": Portrait}[kind]()
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            # Larger than PyTorch's own, so that alphas do not all lie about one half.
            nn.init.normal_(part.weight, std=2.0 / part.weight[0].numel() ** 0.5)
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(std=0.1)
            part.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(part.weight, 0.5, 1.5)
    return Network(kind, f"tiny {kind}", module.eval().requires_grad_(False))


def _tiny_vitmatte():
    backbone = VitDetConfig(
        num_channels=4,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        mlp_ratio=2,
        image_size=64,
        patch_size=16,
        window_size=3,
        window_block_indices=[0],
        residual_block_indices=[1],
        use_relative_position_embeddings=True,
        out_features=["stage2"],
    )
    sizes = dict(hidden_size=16, convstream_hidden_sizes=[4, 6, 8], fusion_hidden_sizes=[8, 8, 6, 4])
    return _alphas(VitMatteForImageMatting(VitMatteConfig(backbone_config=backbone, **sizes)))


class _Alphas(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values).alphas


def _alphas(model):
    return _Alphas(model).eval().requires_grad_(False)


class _Smaller(torch.autograd.Function):
    """A resize by a factor that is a tensor: what RVM's own export makes of `downsample_ratio`."""

    @staticmethod
    def forward(ctx, picture, ratio):
        return F.interpolate(
            picture, scale_factor=ratio.item(), mode="bilinear", align_corners=False, recompute_scale_factor=False
        )

    @staticmethod
    def symbolic(g, picture, ratio):
        one = g.op("Constant", value_t=torch.ones(2))
        scales = g.op("Concat", one, ratio, ratio, axis_i=0)
        nothing = g.op("Constant", value_t=torch.tensor([], dtype=torch.float32))
        mode = dict(coordinate_transformation_mode_s="half_pixel", mode_s="linear", nearest_mode_s="floor")
        return g.op("Resize", picture, nothing, scales, **mode)


class Recurrent(nn.Module):
    """A stand-in of Robust Video Matting: its tensors, and states at four sizes that carry over to the next frame."""

    def __init__(self):
        super().__init__()
        wide = [6, 8, 8, 8]
        self.down = nn.ModuleList(
            nn.Conv2d(first, second, 3, stride=2, padding=1) for first, second in zip([3, *wide[:-1]], wide)
        )
        self.gates = nn.ModuleList(nn.Conv2d(2 * width, width, 3, padding=1) for width in wide)
        self.news = nn.ModuleList(nn.Conv2d(2 * width, width, 3, padding=1) for width in wide)
        self.up = nn.ModuleList(nn.Conv2d(second, first, 1) for first, second in zip(wide[:-1], wide[1:]))
        self.last = nn.Conv2d(wide[0] + 3, 4, 3, padding=1)

    def forward(self, src, r1, r2, r3, r4, downsample_ratio):
        small = _Smaller.apply(src, downsample_ratio)
        features = [small]
        for layer in self.down:
            features.append(torch.relu(layer(features[-1])))
        states, above = [], None
        for index in reversed(range(4)):
            here = features[index + 1]
            if above is not None:
                here = here + F.interpolate(self.up[index](above), here.shape[2:], mode="bilinear")
            state = (r1, r2, r3, r4)[index].expand_as(here)
            both = torch.cat([here, state], dim=1)
            gate = torch.sigmoid(self.gates[index](both))
            above = gate * state + (1 - gate) * torch.tanh(self.news[index](both))
            states.insert(0, above)
        full = F.interpolate(above, src.shape[2:], mode="bilinear")
        residual, alpha = self.last(torch.cat([full, src], dim=1)).split([3, 1], dim=1)
        return (residual + src).clamp(0, 1), alpha.clamp(0, 1), *states


class Portrait(nn.Module):
    """A stand-in of MODNet: its tensors, and sides that are multiples of 32."""

    def __init__(self):
        super().__init__()
        wide = [6, 6, 8, 8, 8]
        self.down = nn.ModuleList(
            nn.Conv2d(first, second, 3, stride=2, padding=1) for first, second in zip([3, *wide[:-1]], wide)
        )
        self.up = nn.ModuleList(
            nn.Conv2d(second + first, first, 3, padding=1) for first, second in zip([3, *wide[:-1]], wide)
        )
        self.last = nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, input):
        features = [input]
        for layer in self.down:
            features.append(torch.relu(layer(features[-1])))
        above = features[-1]
        for index in reversed(range(5)):
            above = F.interpolate(above, scale_factor=2, mode="bilinear", align_corners=False)
            above = torch.relu(self.up[index](torch.cat([above, features[index]], dim=1)))
        return torch.sigmoid(self.last(above))
