"""Optimizers, moving average, center loss and norms against what TensorFlow makes of the same numbers (make_golden.py)."""

import json
from pathlib import Path

import pytest
import torch
from facenet_rs.errors import InvalidArgumentError
from facenet_rs.train import losses, optimizers
from facenet_rs.train.average import MovingAverage

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def close(found, wanted, tolerance=1e-6):
    torch.testing.assert_close(found.detach(), torch.tensor(wanted), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", GOLDEN["optimizers"])
def test_optimizer_is_tensorflows(name):
    weight = torch.nn.Parameter(torch.tensor(GOLDEN["begin"]))
    optimizer = optimizers.create(name, [weight], GOLDEN["learning_rate"])
    for gradient, wanted in zip(GOLDEN["gradients"], GOLDEN["optimizers"][name], strict=True):
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        close(weight, wanted)


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_optimizer_goes_on_from_its_state(name):
    def made(weight):
        return optimizers.create(name, [weight, torch.nn.Parameter(torch.ones(1))], 0.05)

    whole, first = (torch.nn.Parameter(torch.tensor(GOLDEN["begin"])) for _ in range(2))
    one, two = made(whole), made(first)
    for i, gradient in enumerate(GOLDEN["gradients"]):
        if i == 3:
            state = two.state_dict()
            two = made(first)
            two.load_state_dict(state)
        for weight, optimizer in ((whole, one), (first, two)):
            weight.grad = torch.tensor(gradient)
            optimizer.step()
    assert torch.equal(whole, first)


def test_unknown_optimizer():
    with pytest.raises(InvalidArgumentError, match="SGD.*ADAGRAD"):
        optimizers.create("SGD", [torch.nn.Parameter(torch.ones(1))], 0.1)


@pytest.mark.parametrize("decay", GOLDEN["averages"])
def test_moving_average_is_tensorflows(decay):
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(torch.tensor(GOLDEN["values"][0]))
    average = MovingAverage(module, float(decay))
    for step, (value, wanted) in enumerate(zip(GOLDEN["values"][1:], GOLDEN["averages"][decay], strict=True), 1):
        module.weight.data = module.weight.data.copy_(torch.tensor(value))
        average.update(step)
        close(average.state_dict()["weight"], wanted)
    with average.applied():
        close(module.weight, wanted)
    close(module.weight, GOLDEN["values"][-1])


def test_center_loss_is_tensorflows():
    center = losses.CenterLoss(3, 4, 0.9)
    for batch, labels, wanted in zip(GOLDEN["batches"], GOLDEN["labels"], GOLDEN["center_losses"], strict=True):
        close(center(torch.tensor(batch), torch.tensor(labels)), wanted["loss"])
        center.update(torch.tensor(batch), torch.tensor(labels))
        close(center.centers, wanted["centers"])


@pytest.mark.parametrize("p", GOLDEN["prelogits_norms"])
def test_prelogits_norm_is_tensorflows(p):
    close(losses.prelogits_norm(torch.tensor(GOLDEN["batches"][0]), float(p)), GOLDEN["prelogits_norms"][p])
