"""Statistics that belong to averaged weights."""

import torch
from facenet_rs import _native
from facenet_rs.train.distributed import Ranks
from facenet_rs.train.images import Images, Loader
from facenet_rs.train.normalisation import measure_statistics
from facenet_rs.train.settings import completed
from facenet_rs.train.trainer import Context, Model
from facenet_rs.train.work import Work


def test_statistics_are_the_mean_over_batches(settings, faces):
    complete = completed({**settings, "lfw_batch_size": 8, "keep_probability": 0.5})
    images, cpu = Images.read(faces), torch.device("cpu")
    loader = Loader(images.paths, complete, cpu, augment=True)
    model = Model(complete, 4)
    momenta = [norm.momentum for norm in model.modules() if hasattr(norm, "momentum")]
    context = Context(complete, images, loader, model, Ranks(), cpu, Work(Ranks(), cpu))
    measure_statistics(context)
    order = _native.sample_softmax(24, 0, 24, complete["seed"])
    seen = []
    model.network.conv1.bn.register_forward_pre_hook(lambda norm, inputs: seen.append(inputs[0].double()))
    with torch.no_grad():
        for batch in loader.batches([order[:8], order[8:16], order[16:]], 0):
            model.network.eval()(batch)
    norm = model.network.conv1.bn
    mean = torch.stack([values.mean((0, 2, 3)) for values in seen]).mean(0)
    variance = torch.stack([values.var((0, 2, 3)) for values in seen]).mean(0)
    torch.testing.assert_close(norm.running_mean.double(), mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(norm.running_var.double(), variance, rtol=1e-4, atol=1e-5)
    assert [norm.momentum for norm in model.modules() if hasattr(norm, "momentum")] == momenta
    before = [value.clone() for value in model.state_dict().values()]
    measure_statistics(context)
    again = [
        name for (name, value), old in zip(model.state_dict().items(), before, strict=True) if not value.equal(old)
    ]
    assert all(name.endswith("num_batches_tracked") for name in again)
