"""The networks that facenet trains, as modules that give an embedding before it is brought to length one.

Inception-ResNet-v1 and -v2 are those of Szegedy, Ioffe, Vanhoucke and Alemi (2016), SqueezeNet is that of Iandola et al.
(2016), with widths, paddings and batch normalisation as facenet has them. The weights of v1 have facenet-pytorch's names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import InvalidArgumentError

#: Added to the variance in every batch normalisation.
EPSILON = 0.001
#: How much of its running statistics a batch normalisation keeps in a step.
DECAY = 0.995

_Size = int | tuple[int, int]


def _normalised(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.BatchNorm1d | nn.BatchNorm2d:
    """facenet learns no scale: it is there for the names, and for weights that were made with one."""
    norm.weight.requires_grad_(False)
    return norm


class Convolution(nn.Module):
    """Convolution without bias, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: _Size, stride: int = 1, padding: _Size = 0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = _normalised(nn.BatchNorm2d(outputs, EPSILON, 1 - DECAY))

    def forward(self, maps: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(maps)))


def _chain(inputs: int, *layers: tuple[int, _Size]) -> nn.Module:
    """Convolutions (outputs, kernel) that keep the size of the maps."""
    chain: list[Convolution] = []
    for outputs, kernel in layers:
        padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
        chain.append(Convolution(inputs, outputs, kernel, padding=padding))
        inputs = outputs
    return chain[0] if len(chain) == 1 else nn.Sequential(*chain)


def _reduced(inputs: int, *outputs: int) -> nn.Module:
    """Convolutions of which the last, 3x3, halves the size of the maps; the first of several is 1x1, any other 3x3."""
    last = Convolution(outputs[-2] if len(outputs) > 1 else inputs, outputs[-1], 3, stride=2)
    if len(outputs) == 1:
        return last
    before = _chain(inputs, *((width, 1 if i == 0 else 3) for i, width in enumerate(outputs[:-1])))
    return nn.Sequential(*(before if isinstance(before, nn.Sequential) else [before]), last)


class Branches(nn.Module):
    """Branches side by side, joined."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self._names = [f"branch{i}" for i in range(len(branches))]
        for name, branch in zip(self._names, branches, strict=True):
            self.add_module(name, branch)

    def forward(self, maps: Tensor) -> Tensor:
        return torch.cat([self.get_submodule(name)(maps) for name in self._names], 1)


class Residual(Branches):
    """Branches side by side, joined by a 1x1 convolution to `width` maps, times `scale`, added to the input."""

    def __init__(self, width: int, joined: int, scale: float, relu: bool, *branches: nn.Module) -> None:
        super().__init__(*branches)
        self.conv2d = nn.Conv2d(joined, width, 1)
        self.scale, self._relu = scale, relu

    def forward(self, maps: Tensor) -> Tensor:
        maps = maps + self.scale * self.conv2d(super().forward(maps))
        return functional.relu(maps) if self._relu else maps


class FaceNetwork(nn.Module):
    """What all networks share: dropout, and at the end a dense layer with batch normalisation, the embedding.

    Takes images, float32 (n, 3, size, size) in RGB, standardised; gives float32 (n, embedding_size).
    """

    def __init__(self, features: int, embedding_size: int, keep_probability: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(1 - keep_probability)
        self.last_linear = nn.Linear(features, embedding_size, bias=False)
        self.last_bn = _normalised(nn.BatchNorm1d(embedding_size, EPSILON, 1 - DECAY))

    def _embedding(self, features: Tensor) -> Tensor:
        embedding: Tensor = self.last_bn(self.last_linear(features))
        return embedding

    def _initialised(self) -> None:
        """Glorot and Bengio's uniform weights, biases of zero."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)


class _InceptionResnet(FaceNetwork):
    """Stages one after the other, and the average over the maps."""

    def __init__(
        self, features: int, embedding_size: int, keep_probability: float, stages: Sequence[tuple[str, nn.Module]]
    ) -> None:
        super().__init__(features, embedding_size, keep_probability)
        self._stages = [name for name, _ in stages]
        for name, stage in stages:
            self.add_module(name, stage)
        self._initialised()

    def forward(self, images: Tensor) -> Tensor:
        for name in self._stages:
            images = self.get_submodule(name)(images)
        return self._embedding(self.dropout(images.mean((2, 3))))


def _repeated(count: int, block: Callable[[], Residual]) -> nn.Sequential:
    return nn.Sequential(*(block() for _ in range(count)))


def _stem() -> list[tuple[str, nn.Module]]:
    return [
        ("conv2d_1a", Convolution(3, 32, 3, stride=2)),
        ("conv2d_2a", Convolution(32, 32, 3)),
        ("conv2d_2b", Convolution(32, 64, 3, padding=1)),
        ("maxpool_3a", nn.MaxPool2d(3, 2)),
        ("conv2d_3b", Convolution(64, 80, 1)),
        ("conv2d_4a", Convolution(80, 192, 3)),
    ]


class InceptionResnetV1(_InceptionResnet):
    """Inception-ResNet-v1."""

    def __init__(self, embedding_size: int, keep_probability: float = 1.0) -> None:
        def block35() -> Residual:
            branches = _chain(256, (32, 1)), _chain(256, (32, 1), (32, 3)), _chain(256, (32, 1), (32, 3), (32, 3))
            return Residual(256, 96, 0.17, True, *branches)

        def block17() -> Residual:
            branches = _chain(896, (128, 1)), _chain(896, (128, 1), (128, (1, 7)), (128, (7, 1)))
            return Residual(896, 256, 0.10, True, *branches)

        def block8(scale: float = 0.20, relu: bool = True) -> Residual:
            branches = _chain(1792, (192, 1)), _chain(1792, (192, 1), (192, (1, 3)), (192, (3, 1)))
            return Residual(1792, 384, scale, relu, *branches)

        mixed_6a = Branches(_reduced(256, 384), _reduced(256, 192, 192, 256), nn.MaxPool2d(3, 2))
        mixed_7a = Branches(
            _reduced(896, 256, 384), _reduced(896, 256, 256), _reduced(896, 256, 256, 256), nn.MaxPool2d(3, 2)
        )
        stages = [
            *_stem(),
            ("conv2d_4b", Convolution(192, 256, 3, stride=2)),
            ("repeat_1", _repeated(5, block35)),
            ("mixed_6a", mixed_6a),
            ("repeat_2", _repeated(10, block17)),
            ("mixed_7a", mixed_7a),
            ("repeat_3", _repeated(5, block8)),
            ("block8", block8(1.0, False)),
        ]
        super().__init__(1792, embedding_size, keep_probability, stages)


class InceptionResnetV2(_InceptionResnet):
    """Inception-ResNet-v2."""

    def __init__(self, embedding_size: int, keep_probability: float = 1.0) -> None:
        def block35() -> Residual:
            branches = _chain(320, (32, 1)), _chain(320, (32, 1), (32, 3)), _chain(320, (32, 1), (48, 3), (64, 3))
            return Residual(320, 128, 0.17, True, *branches)

        def block17() -> Residual:
            branches = _chain(1088, (192, 1)), _chain(1088, (128, 1), (160, (1, 7)), (192, (7, 1)))
            return Residual(1088, 384, 0.10, True, *branches)

        def block8(scale: float = 0.20, relu: bool = True) -> Residual:
            branches = _chain(2080, (192, 1)), _chain(2080, (192, 1), (224, (1, 3)), (256, (3, 1)))
            return Residual(2080, 448, scale, relu, *branches)

        # TensorFlow's average leaves out what lies outside of the maps.
        average = nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), Convolution(192, 64, 1))
        mixed_5b = Branches(
            _chain(192, (96, 1)), _chain(192, (48, 1), (64, 5)), _chain(192, (64, 1), (96, 3), (96, 3)), average
        )
        mixed_6a = Branches(_reduced(320, 384), _reduced(320, 256, 256, 384), nn.MaxPool2d(3, 2))
        mixed_7a = Branches(
            _reduced(1088, 256, 384), _reduced(1088, 256, 288), _reduced(1088, 256, 288, 320), nn.MaxPool2d(3, 2)
        )
        stages = [
            *_stem(),
            ("maxpool_5a", nn.MaxPool2d(3, 2)),
            ("mixed_5b", mixed_5b),
            ("repeat_1", _repeated(10, block35)),
            ("mixed_6a", mixed_6a),
            ("repeat_2", _repeated(20, block17)),
            ("mixed_7a", mixed_7a),
            ("repeat_3", _repeated(9, block8)),
            ("block8", block8(1.0, False)),
            ("conv2d_7b", Convolution(2080, 1536, 1)),
        ]
        super().__init__(1536, embedding_size, keep_probability, stages)


class Fire(nn.Module):
    """SqueezeNet's module: a narrow 1x1 convolution, then 1x1 and 3x3 ones side by side."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = Convolution(inputs, squeezed, 1)
        self.expand1x1 = Convolution(squeezed, expanded, 1)
        self.expand3x3 = Convolution(squeezed, expanded, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:
        maps = self.squeeze(maps)
        return torch.cat([self.expand1x1(maps), self.expand3x3(maps)], 1)


class SqueezeNet(FaceNetwork):
    """SqueezeNet with batch normalisation, and facenet's dense layer after the average."""

    def __init__(self, embedding_size: int, keep_probability: float = 1.0) -> None:
        super().__init__(1000, embedding_size, keep_probability)
        self.conv1 = Convolution(3, 96, 7, stride=2)
        self.fire2, self.fire3, self.fire4 = Fire(96, 16, 64), Fire(128, 16, 64), Fire(128, 32, 128)
        self.fire5, self.fire6 = Fire(256, 32, 128), Fire(256, 48, 192)
        self.fire7, self.fire8, self.fire9 = Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256)
        self.conv10 = nn.Conv2d(512, 1000, 1)
        self._initialised()

    def forward(self, images: Tensor) -> Tensor:
        # TensorFlow's padding, which is one wider at the right and the lower edge if the number of pixels is even.
        missing = [max((-(-size // 2) - 1) * 2 + 7 - size, 0) for size in images.shape[2:]]
        bottom, right = ((width // 2, width - width // 2) for width in missing)
        maps = self.conv1(functional.pad(images, (*right, *bottom)))
        maps = self.fire4(self.fire3(self.fire2(functional.max_pool2d(maps, 3, 2))))
        maps = self.fire8(self.fire7(self.fire6(self.fire5(functional.max_pool2d(maps, 2, 2)))))
        maps = self.dropout(self.fire9(functional.max_pool2d(maps, 3, 2)))
        return self._embedding(self.conv10(maps).mean((2, 3)))


#: The networks, by the names that facenet gives to them.
NETWORKS: dict[str, type[InceptionResnetV1 | InceptionResnetV2 | SqueezeNet]] = {
    "inception_resnet_v1": InceptionResnetV1,
    "inception_resnet_v2": InceptionResnetV2,
    "squeezenet": SqueezeNet,
}
#: The smallest image of which anything is left after the last reduction.
SMALLEST = {"inception_resnet_v1": 75, "inception_resnet_v2": 75, "squeezenet": 25}


def create(model_def: str, embedding_size: int, keep_probability: float = 1.0, image_size: int = 160) -> FaceNetwork:
    """A network with random weights: ``inception_resnet_v1``, ``inception_resnet_v2`` or ``squeezenet``.

    ``models.`` may precede the name, as in facenet.

    Raises
    ------
    InvalidArgumentError
        If there is no such network, or images are too small for it.
    """
    name = model_def.removeprefix("models.")
    if name not in NETWORKS:
        raise InvalidArgumentError(f"model_def is {model_def!r}: it must be one of {', '.join(NETWORKS)}")
    if image_size < SMALLEST[name]:
        raise InvalidArgumentError(f"image_size is {image_size}: {name} needs {SMALLEST[name]} pixels or more")
    return NETWORKS[name](embedding_size, keep_probability)
