"""Every clock that is shipped has been counted by hand at least once."""

from collections.abc import Sequence

import pytest

from tests.claims import test_counting_china as china
from tests.claims import test_counting_contracts as contracts
from tests.claims import test_counting_edges as edges
from tests.claims.counted import forms

COUNTED: dict[str, Sequence[tuple[str, ...]]] = {
    "gf-2017-0201": china.GF,
    "sanbao-2021": (*china.SANBAO, *china.REPAIR_DAYS),
    "fidic-2017": contracts.FIDIC_2017,
    "fidic-1999": contracts.FIDIC_1999,
    "nec4": contracts.NEC4,
    "aia-a201-2017": contracts.AIA,
    "jct-2016": contracts.JCT,
    "us-dealers": contracts.US_DEALERS,
    "example": contracts.MAKER,
}


@pytest.mark.parametrize("form", sorted(forms()))
def test_each_clock_of_a_shipped_form_stands_in_a_table(form: str) -> None:
    assert set(forms()[form].names()) == {case[0].partition("#")[0] for case in COUNTED[form]}


def test_there_are_two_hundred_cases_and_beside_each_how_it_was_counted() -> None:
    cases = [*(case for table in COUNTED.values() for case in table), *edges.DAYS, *edges.INSTANTS, *edges.PAUSES]
    assert len({case[:-1] for case in cases}) >= 200
    assert all(case[-1].strip() for case in cases)
