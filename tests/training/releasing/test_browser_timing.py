"""What a picture costs is measured in a real Chromium, several models in one page."""

from inference.bundle import Bundle
from training.releasing.browser_timing import milliseconds


def test_every_model_of_a_page_gets_its_own_times(exported: Bundle):
    first, second = milliseconds([exported.path, exported.path], runs=5, warm_up=2)

    for found in (first, second):
        assert 0 < found.network.fastest <= found.network.low <= found.network.median <= found.network.high
        # 640 x 480 pixels are more work to resize than 32 x 32 are to judge.
        assert found.with_resize.fastest > found.network.fastest
        assert found.runs == 5
