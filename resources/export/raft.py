"""torchvision's RAFT as one graph, with its check against PyTorch: see FLOW.md."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torchvision.models import optical_flow
from torchvision.models.optical_flow import raft as parts

from checkpoint import CheckpointError

# The networks, and the weights that torchvision calls the default: trained on FlyingChairs and FlyingThings3D, the large
# one also on Sintel, KITTI, HD1K and FlyingThings3D together.
NETWORKS = {
    "raft_small": (optical_flow.raft_small, optical_flow.Raft_Small_Weights),
    "raft_large": (optical_flow.raft_large, optical_flow.Raft_Large_Weights),
}
LICENCE = "BSD-3-Clause (torchvision)"
# Updates of the flow: what torchvision's forward does where nobody says otherwise.
ITERATIONS = 12
# Updates of the tiny networks: with random weights each one makes rounding count for more.
TINY_ITERATIONS = 3
# Seeds of the committed fixtures.
SEEDS = {"raft_small": 1, "raft_large": 1}


@dataclass
class Network:
    """`kind` is "raft_small" or "raft_large", `model` torchvision's RAFT."""

    kind: str
    name: str
    model: torch.nn.Module
    iterations: int
    source: str
    licence: str


class Flow(torch.nn.Module):
    """The last estimate of the flow, of all that RAFT gives."""

    def __init__(self, network):
        super().__init__()
        self.model, self.iterations = network.model, network.iterations

    def forward(self, image1, image2):
        return self.model(image1, image2, num_flow_updates=self.iterations)[-1]


def load(kind, weights, iterations):
    """A network with weights from a file, or with those that torchvision knows by a name (and then downloads)."""
    make, known = NETWORKS[kind]
    model = make(weights=None)
    if weights is not None and Path(weights).is_file():
        content = Path(weights).read_bytes()
        state = torch.load(weights, map_location="cpu", weights_only=True)
        source = f"the file {Path(weights).name}, SHA-256 {hashlib.sha256(content).hexdigest()}"
    else:
        named = known.DEFAULT if weights is None else known.__members__.get(weights)
        if named is None:
            raise CheckpointError(f'"{weights}" is neither a file nor one of {", ".join(known.__members__)}')
        state, source = named.get_state_dict(check_hash=True), f"torchvision's {known.__name__}.{named.name}"
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise CheckpointError(f"these are not the weights of {kind}: {error}") from error
    return _network(kind, f"{_words(kind)}, {iterations} iterations", model, iterations, source, LICENCE)


def random(kind, seed, iterations):
    """A full-size network of random weights, for measuring."""
    torch.manual_seed(1 if seed is None else seed)
    name = f"random {_words(kind)}, {iterations} iterations"
    return _network(kind, name, NETWORKS[kind][0](weights=None), iterations, f"random weights, seed {seed or 1}")


def tiny(kind, seed=None):
    """The architecture with narrow layers and random weights."""
    seed = SEEDS[kind] if seed is None else seed
    torch.manual_seed(seed)
    model = _tiny_small() if kind == "raft_small" else _tiny_large()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.3)
            module.running_var.uniform_(0.5, 1.5)
    return _network(kind, f"tiny {kind}", model, TINY_ITERATIONS, f"random weights, seed {seed}")


def _network(kind, name, model, iterations, source, licence="none (random numbers)"):
    return Network(kind, name, model.eval().requires_grad_(False), iterations, source, licence)


def _words(kind):
    return kind.replace("raft_", "RAFT ")


def _tiny_small():
    layers, hidden = (8, 8, 12, 16, 24), 8
    block, norm = parts.BottleneckBlock, torch.nn.InstanceNorm2d
    return parts.RAFT(
        feature_encoder=parts.FeatureEncoder(block=block, layers=layers, norm_layer=norm),
        context_encoder=parts.FeatureEncoder(block=block, layers=layers, norm_layer=None),
        corr_block=(correlations := parts.CorrBlock(num_levels=4, radius=3)),
        update_block=_update(correlations, layers[-1], hidden, (16,), (8, 4), (3,), (1,)),
    )


def _tiny_large():
    layers, hidden = (8, 8, 12, 16, 24), 8
    block = parts.ResidualBlock
    return parts.RAFT(
        feature_encoder=parts.FeatureEncoder(block=block, layers=layers, norm_layer=torch.nn.InstanceNorm2d),
        context_encoder=parts.FeatureEncoder(block=block, layers=layers, norm_layer=torch.nn.BatchNorm2d),
        corr_block=(correlations := parts.CorrBlock(num_levels=4, radius=4)),
        update_block=_update(correlations, layers[-1], hidden, (16, 12), (8, 4), ((1, 5), (5, 1)), ((0, 2), (2, 0))),
        mask_predictor=parts.MaskPredictor(in_channels=hidden, hidden_size=16, multiplier=0.25),
    )


def _update(correlations, width, hidden, corr_layers, flow_layers, kernel, padding):
    motion = parts.MotionEncoder(
        in_channels_corr=correlations.out_channels, corr_layers=corr_layers, flow_layers=flow_layers, out_channels=16
    )
    recurrent = parts.RecurrentBlock(
        input_size=motion.out_channels + width - hidden, hidden_size=hidden, kernel_size=kernel, padding=padding
    )
    head = parts.FlowHead(in_channels=hidden, hidden_size=16)
    return parts.UpdateBlock(motion_encoder=motion, recurrent_block=recurrent, flow_head=head)
