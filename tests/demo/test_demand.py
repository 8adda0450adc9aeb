"""How often something happens was counted; what is drawn keeps to it."""

import random

from demo.demand import Weighted


def test_a_draw_can_be_told_to_give_no_less_than_something():
    weighted = Weighted.of({"0": 5, "3": 1, "9": 1})
    chance = random.Random(1)
    assert {weighted.draw(chance, least=1) for _ in range(50)} == {3, 9}
    assert weighted.draw(chance, least=10) == 9
    assert weighted.weight(3) == 1
    assert weighted.weight(4) == 0
