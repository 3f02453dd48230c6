"""Hand-counted: Chinese forms and statutes, over the holidays that the State Council announced.

Days off in 2025: 1.1., 28.1.-4.2. (worked 26.1., 8.2.), 4.-6.4., 1.-5.5. (worked 27.4.), 31.5.-2.6., 1.-8.10. (worked
28.9., 11.10.). In 2026: 1.-3.1. (worked 4.1.), 15.-23.2. (worked 14.2., 28.2.), 4.-6.4., 1.-5.5. (worked 9.5.),
19.-21.6., 25.-27.9. (worked 20.9.), 1.-7.10. (worked 10.10.). 2027 is not announced.
"""
# ruff: noqa: E501  a case and its count stand on one line

import pytest

from tests.claims.counted import clock_of, due_of, local

GF = [
    ("notice_of_intent", "aware=2026-09-03", "2026-10-01 2026-10-08", "27 left, the 28th is 1 October; off until the 7th"),
    ("notice_of_intent", "aware=2026-09-01", "2026-09-29", "1 + 28, a Tuesday at work"),
    ("notice_of_intent", "aware=2026-08-23", "2026-09-20", "8 left, 20 more: a Sunday, but worked for National Day"),
    ("notice_of_intent", "aware=2026-08-28", "2026-09-25 2026-09-28", "3 left, 25 more: Mid-Autumn, Friday to Sunday off"),
    ("notice_of_intent", "aware=2026-08-30", "2026-09-27 2026-09-28", "1 left, 27 more: its Sunday"),
    ("notice_of_intent", "aware=2026-09-12", "2026-10-10", "18 left, 10 more: a Saturday, but worked"),
    ("notice_of_intent", "aware=2026-09-13", "2026-10-11 2026-10-12", "17 left, 11 more: a plain Sunday"),
    ("notice_of_intent", "aware=2026-01-17", "2026-02-14", "14 left, 14 more: the worked Saturday before Spring Festival"),
    ("notice_of_intent", "aware=2026-01-18", "2026-02-15 2026-02-24", "13 left, 15 more: off from the 15th to the 23rd"),
    ("notice_of_intent", "aware=2026-01-31", "2026-02-28", "February's 28th: a Saturday, but worked"),
    ("notice_of_intent", "aware=2025-12-04", "2026-01-01 2026-01-04", "27 left, 1 more: off until the 3rd, Sunday the 4th is worked"),
    ("notice_of_intent", "aware=2026-03-07", "2026-04-04 2026-04-07", "24 left, 4 more: Qingming until Monday the 6th"),
    ("notice_of_intent", "aware=2026-04-03", "2026-05-01 2026-05-06", "27 left, 1 more: off until the 5th"),
    ("notice_of_intent", "aware=2026-04-11", "2026-05-09", "19 left, 9 more: a Saturday, but worked"),
    ("notice_of_intent", "aware=2026-05-22", "2026-06-19 2026-06-22", "9 left, 19 more: Dragon Boat, Friday to Sunday"),
    ("notice_of_intent", "aware=2025-01-01", "2025-01-29 2025-02-05", "1 + 28: Spring Festival until 4 February"),
    ("notice_of_intent", "aware=2024-12-29", "2025-01-26", "2 left, 26 more: a Sunday, but worked"),
    ("notice_of_intent", "aware=2025-09-03", "2025-10-01 2025-10-09", "27 left, 1 more: National Day and Mid-Autumn until the 8th"),
    ("notice_of_intent", "aware=2025-09-13", "2025-10-11", "17 left, 11 more: a Saturday, but worked"),
    ("notice_of_intent", "should_be_aware=2026-08-20 aware=2026-09-03", "2026-09-17", "from 20 August: 11 left, 17 more, a Thursday"),
    ("claim_report", "notice.sent=2026-09-10", "2026-10-08", "20 left, 8 more: the first day after the holiday"),
    ("claim_report", "notice.sent=2026-09-05", "2026-10-03 2026-10-08", "25 left, 3 more"),
    ("claim_report", "aware=2026-06-01 notice.sent=2026-06-10", "2026-07-08", "from the notice: 20 left, 8 more"),
    ("final_claim_report", "effects.ended=2026-06-01", "2026-06-29", "1 + 28, a Monday"),
    ("final_claim_report", "effects.ended=2026-07-18", "2026-08-15 2026-08-17", "13 left, 15 more: a Saturday"),
    ("supervisors_review", "claim.received=2026-09-17", "2026-10-01 2026-10-08", "13 left, 1 more"),
    ("supervisors_review", "claim.received=2026-06-05", "2026-06-19 2026-06-22", "5 + 14: Dragon Boat"),
    ("employers_answer", "claim.received=2026-09-17", "2026-10-15", "13 left, 15 more, a Thursday"),
    ("employers_answer", "claim.received=2026-04-06", "2026-05-04 2026-05-06", "24 left, 4 more: off until the 5th"),
    ("variation_price", "variation.instructed=2026-05-07", "2026-05-21", "7 + 14, a Thursday"),
    ("variation_price", "instructed=2026-04-20", "2026-05-04 2026-05-06", "10 left, 4 more"),
    ("variation_review", "variation.received=2026-09-24", "2026-10-01 2026-10-08", "6 left, 1 more"),
    ("variation_review", "variation.received=2026-02-07", "2026-02-14", "7 + 7: a Saturday, but worked"),
    ("variation_approval", "variation.sent=2026-06-07", "2026-06-21 2026-06-22", "7 + 14: the Sunday of Dragon Boat"),
    ("settlement_account", "works.accepted=2026-09-04", "2026-10-02 2026-10-08", "26 left, 2 more"),
    ("settlement_review", "settlement.received=2026-10-09", "2026-10-23", "9 + 14, a Friday"),
    ("settlement_approval", "review.sent=2026-10-23", "2026-11-06", "8 left, 6 more, a Friday"),
    ("settlement_deemed", "settlement.received=2026-10-09", "2026-11-06", "22 left, 6 more; deemed approved from day 29, the 7th"),
    ("defects_liability", "works.accepted=2026-02-28", "2028-02-28", "the same day two years later"),
    ("defects_liability", "works.accepted=2028-02-29", "2030-02-28", "no 29 February in 2030"),
    ("defects_liability", "works.accepted=2024-10-03", "2026-10-03", "a holiday, but a completion date does not roll"),
    ("retention_check", "retention.received=2026-11-02", "2026-11-16", "2 + 14, a Monday"),
    ("retention_release", "retention.received=2026-11-02", "2026-11-16 2026-11-30", "from the 16th: 14 more, a Monday"),
    ("retention_release", "retention.received=2026-09-18", "2026-10-08 2026-10-22", "2 October rolls to the 8th, 14 more"),
    ("retention_silence", "retention.reminded=2026-12-01", "2026-12-15", "1 + 14, a Tuesday"),
]  # fmt: skip
SANBAO = [
    ("answer_to_customer", "demanded=2026-09-28", "2026-10-16", "29 30 | 8 9 10(Sat) | 12 13 14 15 16 October"),
    ("swap_or_refund", "demanded=2026-09-28", "2026-10-30", "the ten until the 16th, then 19-23 and 26-30"),
    ("answer_to_customer", "demanded=2026-02-10", "2026-03-02", "11 12 13 14(Sat) | 24 25 26 27 28(Sat) | 2 March"),
    ("swap_or_refund", "demanded=2026-02-10", "2026-03-16", "the ten until 2 March, then 3-6, 9-13, 16"),
    ("answer_to_customer", "demanded=2026-04-27", "2026-05-13", "28 29 30 | 6 7 8 9(Sat) | 11 12 13 May"),
    ("swap_or_refund", "demanded=2026-04-27", "2026-05-27", "the ten until 13 May, then 14 15, 18-22, 25 26 27"),
    ("answer_to_customer", "demanded=2026-06-15", "2026-06-30", "16 17 18 | 22-26 | 29 30"),
    ("answer_to_customer", "demanded=2026-09-18", "2026-10-09", "20(Sun) 21-24 | 28 29 30 | 8 9 October"),
    ("answer_to_customer", "demanded=2025-12-25", "2026-01-09", "26 | 29 30 31 | 4(Sun) 5 6 7 8 9 January"),
    ("answer_to_customer", "demanded=2026-11-07", "2026-11-20", "a Saturday: 9-13, 16-20"),
    ("swap_or_refund", "demanded=2026-11-07", "2026-12-04", "9-13, 16-20, 23-27, 30-4"),
    ("answer_to_customer", "demanded=2025-01-20", "2025-02-08", "21-24 | 26(Sun) 27 | 5 6 7 8(Sat) February"),
    ("answer_to_customer", "demanded=2025-09-22", "2025-10-11", "23-26 | 28(Sun) 29 30 | 9 10 11(Sat) October"),
    ("swap_or_refund", "demanded=2026-09-28 refund.answered=2026-10-10", "2026-10-30", "from the demand, whenever it was answered"),
    ("early_swap", "delivered=2026-09-24", "2026-10-01 2026-10-08", "6 left, 1 more: National Day"),
    ("early_swap", "invoiced=2026-05-30 delivered=2026-06-01", "2026-06-08", "from the delivery: 1 + 7, a Monday"),
    ("early_swap", "invoiced=2026-05-30", "2026-06-06 2026-06-08", "1 left, 6 more: a Saturday"),
    ("early_safety", "delivered=2026-08-05", "2026-10-04 2026-10-08", "26 + 30 = 56, 4 more: within National Day"),
    ("early_assembly", "delivered=2026-03-02", "2026-05-01 2026-05-06", "29 + 30 = 59, 1 more: Labour Day"),
    ("guarantee_period", "delivered=2024-02-29", "2026-02-28", "no 29 February in 2026; its 28th is a worked Saturday"),
    ("guarantee_period", "delivered=2024-10-02", "2026-10-02 2026-10-08", "the same day, within National Day"),
    ("repair_period", "delivered=2023-02-17", "2026-02-17 2026-02-24", "the same day, within Spring Festival"),
]  # fmt: skip
REPAIR_DAYS = [
    ("loaner", "car.handed_in=2026-09-01T10:00", "2026-09-06 10:00:00", "5 × 24 hours: day 6 begins"),
    ("loaner", "car.handed_in=2026-09-01", "2026-09-06 00:00:00", "the hour is not known: from midnight, the earliest"),
    ("loaner#2", "car.handed_in=2026-09-01T10:00 car.handed_back=2026-09-03T10:00 car.handed_in=2026-09-20T09:00", "2026-09-25 09:00:00", "each repair by itself: 20 + 5"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T10:00", "2026-10-01 10:00:00", "30 × 24 hours in one stay"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T10:00 car.handed_back=2026-09-04T09:00 car.handed_in=2026-09-10T08:00", "2026-10-07 08:00:00", "71 hours are 3 days; 27 left from the 10th"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T08:00 car.handed_back=2026-09-02T09:00 car.handed_in=2026-09-08T08:00 car.handed_back=2026-09-09T08:00 car.handed_in=2026-10-01", "2026-10-28 00:00:00", "25 hours are 2 days, 24 hours are 1; 27 left from 1 October"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T10:00 transport.begun=2026-09-05T12:00 transport.ended=2026-09-08T12:00", "2026-10-04 10:00:00", "72 hours of transport are left out: 1 October and 3 days"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T08:00 transport.begun=2026-09-01T10:00 transport.ended=2026-09-01T13:00 car.handed_back=2026-09-03T10:00 car.handed_in=2026-09-10T08:00", "2026-10-08 08:00:00", "50 hours less 3 are 47: 2 days; 28 left from the 10th"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T08:00 car.handed_back=2026-09-30T08:00 car.handed_in=2026-10-20T08:00", "2026-10-21 08:00:00", "29 days used; the 30th ends a day later"),
    ("repair_days_in_all", "car.handed_in=2026-09-01T08:00 car.handed_back=2026-09-30T20:00 car.handed_in=2026-10-20T08:00", "2026-10-20 08:00:00", "29 and a half days are 30: the 31st begins as the car comes in again"),
]  # fmt: skip
PROVISIONAL = [
    ("gf-2017-0201", "notice_of_intent", "aware=2026-12-02", "2026-12-30", False, "29 left, but 28 end on Wednesday the 30th of an announced year"),
    ("gf-2017-0201", "notice_of_intent", "aware=2026-12-04", "2027-01-04", True, "1 January is a Friday; then the weekend"),
    ("gf-2017-0201", "notice_of_intent", "aware=2026-12-07", "2027-01-04", True, "24 left, 4 more: a Monday, as far as one knows"),
    ("sanbao-2021", "answer_to_customer", "demanded=2026-12-21", "2027-01-05", True, "22-25, 28-31, 4 5 January"),
    ("sanbao-2021", "answer_to_customer", "demanded=2026-12-17", "2026-12-31", False, "18, 21-25, 28-31: nothing of 2027 is needed"),
    ("gf-2017-0201", "defects_liability", "works.accepted=2026-05-01", "2028-05-01", False, "nothing rolls, so no calendar is asked"),
    ("fidic-2017", "notice_of_claim", "aware=2027-01-04", "2027-02-01", False, "nothing rolls: 27 left, 1 more"),
]  # fmt: skip


@pytest.mark.parametrize(("clock", "events", "way", "counted"), GF)
def test_gf_2017_rolls_over_the_holidays_and_keeps_swap_days(clock: str, events: str, way: str, counted: str) -> None:
    due = due_of("gf-2017-0201", clock, events)
    assert f"{due.due_on}" == way.rsplit(maxsplit=1)[-1], counted
    assert all(day in due.sum.en for day in way.split())
    assert local(due, "Asia/Shanghai") == f"{due.due_on} 23:59:59"


@pytest.mark.parametrize(("clock", "events", "way", "counted"), SANBAO)
def test_sanbao_counts_working_days_and_periods(clock: str, events: str, way: str, counted: str) -> None:
    due = due_of("sanbao-2021", clock, events)
    assert f"{due.due_on}" == way.rsplit(maxsplit=1)[-1], counted
    assert all(day in due.sum.en for day in way.split())


@pytest.mark.parametrize(("clock", "events", "due_at", "counted"), REPAIR_DAYS)
def test_repair_days_are_begun_days_of_each_stay(clock: str, events: str, due_at: str, counted: str) -> None:
    assert local(due_of("sanbao-2021", clock, events), "Asia/Shanghai") == due_at, counted


@pytest.mark.parametrize(("form", "clock", "events", "due_on", "provisional", "counted"), PROVISIONAL)
def test_a_year_not_announced_makes_a_date_provisional_and_says_so(
    form: str, clock: str, events: str, due_on: str, provisional: bool, counted: str
) -> None:
    due = due_of(form, clock, events, "Asia/Shanghai")
    assert (f"{due.due_on}", due.provisional) == (due_on, provisional), counted
    assert ("provisional" in due.sum.en) == ("暂定" in due.sum.zh) == provisional


def test_the_seller_has_until_close_of_business() -> None:
    due = due_of("sanbao-2021", "answer_to_customer", "demanded=2026-09-28")
    assert local(due, "Asia/Shanghai") == "2026-10-16 17:30:00"
    assert due.sum.en.endswith("→ 2026-10-16, by close of business 17:30")


def test_the_sum_is_written_out_in_both_languages() -> None:
    due = due_of("gf-2017-0201", "notice_of_intent", "aware=2026-09-03")
    assert due.sum.en == (
        "28 days from 2026-09-03, first day not counted → 2026-10-01, National Day holiday → 2026-10-08, "
        "next working day, Civil Code 203"
    )
    assert due.sum.zh == (
        "自 2026-09-03 起 28 天，首日不计 → 2026-10-01，国庆节假期 → 2026-10-08，顺延至下一工作日，民法典第203条"
    )


def test_the_sum_of_working_days_says_which_days_off_were_left_out() -> None:
    due = due_of("sanbao-2021", "answer_to_customer", "demanded=2026-09-28")
    assert "without 8 days off (National Day holiday 6, weekend 2), 2026-10-10 worked in exchange" in due.sum.en
    assert "扣除 8 个休息日（国庆节假期 6 天、周末 2 天），2026-10-10 调休上班计入" in due.sum.zh


def test_a_car_that_is_out_of_the_shop_uses_no_days() -> None:
    events = "car.handed_in=2026-09-01T10:00 car.handed_back=2026-09-04T09:00"
    clock = clock_of("sanbao-2021", "repair_days_in_all", events)
    assert (clock.standing, clock.due) == ("paused", None)
    assert "2026-09-04 09:00" in clock.sum.en
