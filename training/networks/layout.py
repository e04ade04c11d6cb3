"""What pretrained weights expect of the network around them: how pixels are scaled, and where padding goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """`pixels * scale + offset` goes in; at stride 2 torch and Caffe pad both sides, TensorFlow only behind."""

    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]
    pad_both_sides: bool = False


def _standardized(*, pad_both_sides: bool) -> Layout:
    # ImageNet's mean and deviation, given for pixels of 0..1.
    mean_and_deviation = ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))
    return Layout(
        scale=tuple(1 / (255 * deviation) for _, deviation in mean_and_deviation),
        offset=tuple(-mean / deviation for mean, deviation in mean_and_deviation),
        pad_both_sides=pad_both_sides,
    )


TENSORFLOW = Layout(scale=1 / 127.5, offset=-1.0)
TORCHVISION = _standardized(pad_both_sides=True)
# What torchvision's networks are built with here: its scale goes into their first convolution (`rescaled`), since
# one scale for all colours can be folded away before a browser sees it. Without an offset, the zeros around a
# picture are black, which a browser's convolution pads with by itself; grey is a pass of its own (docs/LOG.md).
TORCH = Layout(scale=1 / 127.5, offset=0.0, pad_both_sides=True)
# What keras.applications puts in front of its EfficientNets.
EFFICIENTNET = _standardized(pad_both_sides=False)
# The published file is a conversion from TensorFlow, whose scale and padding it needs. On 200 photographs of
# pomegranates, corals, sunflowers, fruit and vegetables (train and val) its classifier names the kind in 62 % with
# these, in 58 % with torch's padding, in 39 % with torchvision's scale (lite1: 60, 59, 54 %).
EFFICIENTNET_LITE = Layout(scale=1 / 128, offset=-127 / 128)
# Caffe subtracts the mean of ImageNet in 0..255; its BGR is undone in the first convolution's kernel.
CAFFE = Layout(scale=1.0, offset=(-123.68, -116.779, -103.939), pad_both_sides=True)
