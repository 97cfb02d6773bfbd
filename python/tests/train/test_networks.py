"""Networks, and weights from elsewhere."""

import facenet_rs
import numpy as np
import pytest
import torch
from facenet_rs.errors import InvalidArgumentError, ModelInvalidError, ModelMismatchError
from facenet_rs.train import model_file, networks, onnx_weights, train
from facenet_rs.train.losses import normalized
from safetensors.torch import load_file


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_widths_and_smallest_image(name):
    size = networks.SMALLEST[name]
    network = networks.create(f"models.{name}", 24, 0.5, size)
    assert network(torch.zeros(2, 3, size, size)).shape == (2, 24)
    with pytest.raises(InvalidArgumentError, match="image_size"):
        networks.create(name, 24, 1.0, size - 1)
    with pytest.raises(RuntimeError):
        network(torch.zeros(2, 3, size - 1, size - 1))


def trained(module):
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # facenet-pytorch's, without the scales that facenet does not learn.
        ("inception_resnet_v1", 23_482_624 - 512 * 1792 - 1024 - 14_288),
        # The trainable ones of Keras, without its top.
        ("inception_resnet_v2", 54_276_192),
        # Torchvision's squeezenet1_0, whose biases are those of the normalisation here.
        ("squeezenet", 1_248_424),
    ],
)
def test_numbers_of_weights_before_the_last_layer(name, wanted):
    network = networks.create(name, 128)
    assert trained(network) - trained(network.last_linear) - trained(network.last_bn) == wanted


def test_unknown_network():
    with pytest.raises(InvalidArgumentError, match="nn4"):
        networks.create("models.nn4", 128)


@pytest.fixture(scope="module")
def shipped():
    network = networks.create("inception_resnet_v1", 512)
    onnx_weights.load(network, facenet_rs.Embedder().path)
    return network


@pytest.fixture(scope="module")
def crops():
    """Faces of 160 pixels, (5, 160, 160, 3)."""
    photos = facenet_rs.Facenet()
    images = ["astronaut.png", "biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg"]
    from conftest import PHOTOS

    return np.stack([photos.align(PHOTOS / image) for image in images])


def values(crops):
    return (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - 127.5) / 128


def cosines(a, b):
    return (a * b).sum(1).min().item()


def test_shipped_weights_give_the_embeddings_of_the_embedder(shipped, crops):
    wanted = torch.from_numpy(facenet_rs.Embedder().embed(crops))
    with torch.no_grad():
        found = normalized(shipped.eval()(values(crops)))
    assert cosines(found, wanted) > 0.999999


def test_statistics_make_training_see_what_inference_sees(shipped, crops):
    network = networks.create("inception_resnet_v1", 512)
    network.load_state_dict(shipped.state_dict())
    images = torch.cat([values(crops), values(crops).flip(3)])
    with torch.no_grad():
        before = normalized(network.eval()(images))
        without = normalized(network.train()(images))
        network.load_state_dict(shipped.state_dict())
        onnx_weights.restore_statistics(network, iter([images[:5], images[5:]]))
        after = normalized(network.eval()(images))
        training = normalized(network.train()(images))
    assert cosines(before, after) > 0.99999
    assert cosines(before, training) > 0.99999
    assert cosines(before, without) < 0.9


def test_model_file_of_another_network(tmp_path):
    path = facenet_rs.Embedder().path
    with pytest.raises(ModelMismatchError, match="embedding_size"):
        onnx_weights.load(networks.create("inception_resnet_v1", 128), path)
    with pytest.raises(ModelMismatchError):
        onnx_weights.load(networks.create("squeezenet", 512), path)
    data = path.read_bytes()
    for i, broken in enumerate((b"", b"nonsense", data[:1_000_000], b"\x3a\x03abc")):
        file = tmp_path / f"{i}.onnx"
        file.write_bytes(broken)
        with pytest.raises(ModelInvalidError):
            onnx_weights.read(file)


@pytest.mark.parametrize(
    ("name", "size", "fixed"),
    [
        ("inception_resnet_v1", 96, True),
        ("inception_resnet_v2", 97, True),
        ("squeezenet", 96, False),
        ("squeezenet", 97, True),
    ],
)
def test_export_gives_the_networks_embeddings(name, size, fixed, tmp_path):
    torch.manual_seed(0)
    network = networks.create(name, 32)
    for weight, value in network.state_dict().items():
        if weight.endswith(("running_mean", "bn.bias")):
            value.normal_(0, 0.1)
        elif weight.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    settings = {"model_def": name, "image_size": size, "use_fixed_image_standardization": fixed}
    path, difference = model_file.write_model(network, tmp_path, "tiny", settings)
    assert difference < 1e-3
    embedder = facenet_rs.Embedder(model=path)
    assert (embedder.dimension, embedder.input_size, embedder.name) == (32, size, "tiny")
    assert embedder.spec["standardization"] == ("fixed" if fixed else "per-image")


def test_the_shipped_model_is_trained_on_and_exported(settings, capsys):
    """From a model file to a model file, through a step of training that changes little."""
    settings |= {
        "model_def": "models.inception_resnet_v1",
        "pretrained_model": str(facenet_rs.Embedder().path),
        "image_size": 80,
        "embedding_size": 512,
        "batch_size": 4,
        "epoch_size": 1,
        "max_nrof_epochs": 1,
        "use_fixed_image_standardization": True,
        "learning_rate": 1e-6,
    }
    trained = train(**settings)
    assert trained.difference < 1e-3
    assert "the classifier is new" in capsys.readouterr().out
    assert facenet_rs.Embedder(model=trained.model).spec["standardization"] == "fixed"
    network, wanted = (networks.create("inception_resnet_v1", 512) for _ in range(2))
    network.load_state_dict(load_file(trained.models / "model.safetensors"))
    onnx_weights.load(wanted, facenet_rs.Embedder().path)
    images = torch.rand(2, 3, 80, 80, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        embeddings = [normalized(each.eval()(images)) for each in (network, wanted)]
    assert cosines(*embeddings) > 0.999
