"""Writes the golden traces that GoldenTraceTest replays: python3 golden_traces.py

Two small networks in PyTorch (1.13 here; any version computes the same), each as one safetensors file in
../resources/golden: the initial parameters, one batch, its logits and loss, the gradients of all parameters after the
first backward pass, the losses of ten training steps on that batch and the logits in inference after them. Computed in
double from inputs that are exact in float, so that what the test measures is the error of our kernels alone.
"""

import json
import pathlib
import struct
from collections import OrderedDict

import torch
from torch import nn

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "resources" / "golden"
STEPS = 10


def alexnet():
    """The paper's order of layers: LRN, overlapping pools (one rounding up, one down), groups."""
    lrn = dict(size=5, alpha=0.1, beta=0.75, k=2.0)  # the paper's alpha would hardly show on so small a net
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 16, 7, stride=2),
        relu1=nn.ReLU(),
        lrn1=nn.LocalResponseNorm(**lrn),
        pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
        conv2=nn.Conv2d(16, 24, 5, padding=2, groups=2),
        relu2=nn.ReLU(),
        lrn2=nn.LocalResponseNorm(**lrn),
        pool2=nn.MaxPool2d(3, 2),
        conv3=nn.Conv2d(24, 32, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(32, 24, 3, padding=1, groups=2),
        relu4=nn.ReLU(),
        flatten=nn.Flatten(),
        fc5=nn.Linear(216, 24),
        relu5=nn.ReLU(),
        fc6=nn.Linear(24, 10),
    ))


def batch_norm_net():
    """The Keras variant's order: conv, ReLU, pool, BN; dense, ReLU, BN. Keras's 0.99 is 0.01 here."""
    bn = dict(eps=1e-3, momentum=0.01)
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(3, 12, 5, stride=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2, 2),
        bn1=nn.BatchNorm2d(12, **bn),
        conv2=nn.Conv2d(12, 16, 3),
        relu2=nn.ReLU(),
        bn2=nn.BatchNorm2d(16, **bn),
        flatten=nn.Flatten(),
        fc3=nn.Linear(144, 32),
        relu3=nn.ReLU(),
        bn3=nn.BatchNorm1d(32, **bn),
        fc4=nn.Linear(32, 5),
    ))


def sgd(net):
    """The paper's and Caffe's: biases at twice the rate and without decay."""
    return torch.optim.SGD([
        dict(params=[p for n, p in net.named_parameters() if n.endswith("weight")], weight_decay=5e-4),
        dict(params=[p for n, p in net.named_parameters() if n.endswith("bias")], weight_decay=0, lr=0.02),
    ], lr=0.01, momentum=0.9)


def adam(net):
    return torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7)


def trace(name, net, make_optimiser, image_shape, batch, classes, seed):
    torch.manual_seed(seed)
    net = net().float()
    with torch.no_grad():
        for parameter_name, parameter in net.named_parameters():
            if not parameter_name.startswith("bn"):
                fan_in = parameter[0].numel() if parameter.dim() > 1 else 16
                parameter.normal_(0, (2 / fan_in) ** 0.5 if parameter.dim() > 1 else 0.1)
            else:
                parameter.add_(torch.randn_like(parameter), alpha=0.1)
    images = torch.randn(batch, *image_shape)
    labels = torch.randint(classes, (batch,))
    tensors = {"images": images, "labels": labels.float()}
    tensors.update(("initial." + n, p.detach().clone()) for n, p in net.named_parameters())

    net.double()
    images = images.double()
    optimiser = make_optimiser(net)
    losses = []
    for step in range(STEPS):
        optimiser.zero_grad()
        logits = net(images)
        loss = nn.functional.cross_entropy(logits, labels)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            tensors["logits"] = logits.detach()
            tensors.update(("gradient." + n, p.grad.clone()) for n, p in net.named_parameters())
        optimiser.step()
    tensors["losses"] = torch.tensor(losses)
    net.eval()
    with torch.no_grad():
        tensors["trained.logits"] = net(images)
    print(name, ["%.4f" % loss for loss in losses])
    write_safetensors(GOLDEN / (name + ".safetensors"), tensors)


def write_safetensors(path, tensors):
    """8 bytes of header length, a JSON header of names, types, shapes and places, then the values."""
    header = {"__metadata__": {"generator": "golden_traces.py, PyTorch " + torch.__version__}}
    values = b""
    for name, tensor in tensors.items():
        data = tensor.float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(values), len(values) + len(data)],
        }
        values += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + values)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    trace("alexnet-sgd", alexnet, sgd, (3, 37, 37), batch=4, classes=10, seed=1)
    trace("batch-norm-adam", batch_norm_net, adam, (3, 23, 23), batch=8, classes=5, seed=2)
