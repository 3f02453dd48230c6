"""Hand-counted: the international contract forms. Beside each case stands how it was counted, with paper and calendar.

Days left in the month come first, whole months after, the rest gives the day: nothing here was taken from the program.
"""
# ruff: noqa: E501  a case and its count stand on one line

import pytest

from tests.claims.counted import due_of

FIDIC_2017 = [
    ("notice_of_claim", "aware=2026-09-03", "2026-10-01", "27 days left in September, the 28th is 1 October"),
    ("notice_of_claim", "aware=2026-01-31", "2026-02-28", "none left in January, February's 28th day"),
    ("notice_of_claim", "aware=2028-02-01", "2028-02-29", "2028 is a leap year: 28 left in February, the last is the 29th"),
    ("notice_of_claim", "aware=2027-02-01", "2027-03-01", "27 left in February 2027, the 28th is 1 March"),
    ("notice_of_claim", "aware=2026-12-10", "2027-01-07", "21 left in December, 7 in January"),
    ("notice_of_claim", "should_be_aware=2026-08-20 aware=2026-09-03", "2026-09-17", "should-have-known is earlier: 11 left in August, 17 more"),
    ("notice_of_claim", "should_be_aware=2026-09-03 aware=2026-08-20", "2026-09-17", "known is earlier: the same 11 + 17"),
    ("notice_of_claim", "should_be_aware=2026-03-01", "2026-03-29", "1 + 28"),
    ("notice_of_claim", "aware=2026-09-05", "2026-10-03", "a Saturday four weeks after a Saturday; FIDIC moves nothing"),
    ("detailed_claim", "aware=2026-09-03", "2026-11-26", "27 September + 31 October = 58, 26 more"),
    ("detailed_claim", "aware=2026-01-31", "2026-04-25", "28 February + 31 March = 59, 25 more"),
    ("detailed_claim", "aware=2026-11-20", "2027-02-12", "10 + 31 + 31 = 72, 12 more"),
    ("detailed_claim", "aware=2027-12-15", "2028-03-08", "16 + 31 + 29 (leap) = 76, 8 more"),
    ("detailed_claim", "aware=2026-09-03 notice.sent=2026-09-30", "2026-11-26", "from awareness, not from the notice: as without it"),
    ("detailed_claim", "aware=2026-09-03 should_be_aware=2026-09-01", "2026-11-24", "29 + 31 = 60, 24 more"),
    ("late_notice_objection", "notice.received=2026-09-10", "2026-09-24", "10 + 14"),
    ("late_notice_objection", "notice.received=2026-12-24", "2027-01-07", "7 left in December, 7 more"),
    ("notice_of_lapse", "aware=2026-09-03", "2026-12-10", "day 84 is 26 November: 4 left, 10 more"),
    ("notice_of_lapse", "aware=2026-01-31", "2026-05-09", "day 84 is 25 April: 5 left, 9 more"),
    ("agreement", "claim.received=2026-11-27", "2027-01-08", "3 + 31 = 34, 8 more"),
    ("agreement", "claim.received=2026-06-01", "2026-07-13", "29 left in June, 13 more"),
    ("determination", "claim.received=2026-06-01", "2026-08-24", "from 13 July: 18 left, 24 more"),
    ("notice_of_dissatisfaction", "determination.received=2026-07-01", "2026-07-29", "1 + 28"),
    ("notice_of_dissatisfaction", "determination.received=2026-02-15", "2026-03-15", "13 left in February, 15 more"),
    ("notice_of_dissatisfaction", "determination.received=2028-02-15", "2028-03-14", "14 left in a leap February, 14 more"),
]  # fmt: skip
FIDIC_1999 = [
    ("notice_of_claim", "aware=2026-09-03", "2026-10-01", "27 left, the 28th is 1 October"),
    ("notice_of_claim", "aware=2026-05-31", "2026-06-28", "none left in May"),
    ("notice_of_claim", "aware=2026-09-05", "2026-10-03", "Saturday to Saturday, nothing moves"),
    ("detailed_claim", "aware=2026-09-03", "2026-10-15", "27 left, 15 more"),
    ("detailed_claim", "aware=2026-01-20", "2026-03-03", "11 + 28 = 39, 3 more"),
    ("detailed_claim", "aware=2028-01-20", "2028-03-02", "11 + 29 (leap) = 40, 2 more"),
    ("detailed_claim", "aware=2027-12-31", "2028-02-11", "31 January, 11 more"),
    ("detailed_claim", "aware=2026-03-10 should_be_aware=2026-03-01", "2026-04-12", "from 1 March: 30 left, 12 more"),
    ("engineers_response", "claim.received=2026-10-15", "2026-11-26", "16 left, 26 more"),
    ("engineers_response", "claim.received=2026-04-01", "2026-05-13", "29 left, 13 more"),
]  # fmt: skip
NEC4 = [
    ("notify_compensation_event", "aware=2026-09-03", "2026-10-29", "the eighth Thursday after: 10 17 24 September, 1 8 15 22 29 October"),
    ("notify_compensation_event", "aware=2026-12-01", "2027-01-26", "the eighth Tuesday: 8 15 22 29, 5 12 19 26"),
    ("notify_compensation_event", "aware=2027-01-04", "2027-03-01", "the eighth Monday: 11 18 25, 1 8 15 22, 1 March"),
    ("notify_compensation_event", "aware=2028-01-04", "2028-02-29", "the eighth Tuesday: 11 18 25, 1 8 15 22 29 February"),
    ("notify_compensation_event", "aware=2026-09-30T23:30", "2026-11-25", "still Wednesday 30 September in London; the eighth Wednesday: 7 14 21 28, 4 11 18 25"),
    ("project_managers_decision", "notice.received=2026-12-22", "2026-12-29", "Tuesday to Tuesday"),
    ("project_managers_decision", "notice.received=2026-10-20", "2026-10-27", "a week, though the clock is put back on the 25th"),
    ("quotation", "quotation.instructed=2026-02-10", "2026-03-03", "Tuesdays 17, 24, 3 March"),
    ("quotation", "quotation.instructed=2028-02-10", "2028-03-02", "Thursdays 17, 24, 2 March of a leap year"),
    ("quotation", "instructed=2026-06-15", "2026-07-06", "Mondays 22, 29, 6 July"),
    ("reply_to_quotation", "quotation.sent=2026-12-18", "2027-01-01", "Fridays 25, 1 January: a holiday, and it stays"),
    ("reply_to_quotation", "quotation.sent=2026-03-27", "2026-04-10", "Fridays 3, 10 April"),
]  # fmt: skip
AIA = [
    ("notice_of_claim", "occurred=2026-09-01 aware=2026-09-03", "2026-09-24", "recognised later: 3 + 21"),
    ("notice_of_claim", "occurred=2026-09-10 aware=2026-09-03", "2026-10-01", "happened later: 20 left, 1 more"),
    ("notice_of_claim", "occurred=2026-09-01", "2026-09-22", "1 + 21"),
    ("notice_of_claim", "aware=2026-06-13", "2026-07-04", "17 left, 4 more: Independence Day, and it stays"),
    ("notice_of_claim", "occurred=2026-02-20 aware=2026-02-20", "2026-03-13", "8 left, 13 more"),
    ("notice_of_claim", "aware=2028-02-20", "2028-03-12", "9 left in a leap February, 12 more"),
    ("notice_of_claim", "aware=2026-12-15", "2027-01-05", "16 left, 5 more"),
    ("notice_of_claim", "aware=2026-03-08T04:30+00:00", "2026-03-28", "23:30 of 7 March in New York: 7 + 21"),
]  # fmt: skip
JCT = [
    ("employers_ascertainment", "assessment.received=2026-03-10", "2026-04-07", "21 left, 7 more"),
    ("employers_ascertainment", "assessment.received=2026-12-01", "2026-12-29", "1 + 28"),
    ("employers_update", "update.received=2026-04-01", "2026-04-15", "1 + 14"),
    ("employers_update#2", "update.received=2026-04-01 update.received=2026-05-01", "2026-05-15", "the second by itself: 1 + 14"),
    ("monthly_update", "assessment.sent=2026-01-31", "2026-02-28", "no 31 February, so its last day"),
    ("monthly_update", "assessment.sent=2028-01-31", "2028-02-29", "the last day of a leap February"),
    ("monthly_update", "assessment.sent=2026-01-31 update.sent=2026-02-27", "2026-03-31", "the second month from 31 January, not from the update"),
    ("monthly_update", "assessment.sent=2026-01-31 update.sent=2026-02-27 update.sent=2026-03-30", "2026-04-30", "the third month: no 31 April"),
    ("monthly_update", "assessment.sent=2026-11-15 update.sent=2026-12-14 update.sent=2027-01-15", "2027-02-15", "the third month from 15 November"),
    ("extension_of_time_reply", "particulars.received=2026-09-03", "2026-11-26", "twelve weeks are 84 days: 27 + 31 = 58, 26 more"),
    ("extension_of_time_reply", "particulars.received=2026-05-04", "2026-07-27", "27 + 30 = 57, 27 more; Monday to Monday"),
]  # fmt: skip
US_DEALERS = [
    ("ny_decision", "claim.received=2026-09-03", "2026-10-03", "27 left, 3 more; a Saturday, and it stays"),
    ("ny_payment", "approval.received=2026-09-15", "2026-10-15", "15 left, 15 more"),
    ("ny_audit", "claim.paid=2026-09-30", "2027-09-30", "the same day a year later"),
    ("ny_audit", "claim.paid=2028-02-29", "2029-02-28", "no 29 February in 2029"),
    ("ny_audit_fraud", "claim.paid=2026-09-30", "2031-09-30", "the same day five years later"),
    ("ny_boats_audit", "claim.paid=2026-08-31", "2028-02-29", "18 months lead to February 2028, which has 29 days"),
    ("wa_resubmission", "rejection.received=2026-01-31", "2026-03-02", "28 February, 2 more"),
    ("wa_audit", "claim.paid=2027-02-28", "2028-02-28", "the same day, though that February has a 29th"),
    ("or_audit", "claim.paid=2026-11-02", "2027-11-02", "the same day a year later"),
    ("or_resubmission", "rejection.received=2026-12-20", "2027-01-19", "11 left in December, 19 more"),
    ("wa_decision", "claim.received=2026-10-01", "2026-10-31", "1 + 30"),
    ("or_decision", "claim.received=2026-12-05", "2027-01-04", "26 left, 4 more"),
    ("or_payment", "approval.received=2026-07-01", "2026-07-31", "1 + 30"),
    ("ar_decision", "claim.received=2028-02-01", "2028-03-02", "28 left in a leap February, 2 more"),
    ("mo_decision", "claim.sent=2026-02-01", "2026-03-03", "27 left, 3 more; only the sending is noted"),
    ("mo_decision", "claim.received=2026-02-01", "2026-03-03", "27 left, 3 more"),
]  # fmt: skip
MAKER = [
    ("submission_window", "closed=2026-10-27", "2026-11-26", "4 left in October, 26 more"),
    ("submission_window", "closed=2023-12-31", "2024-02-29", "the old 60 days: 31 January, 29 more in a leap February"),
    ("submission_window", "closed=2024-01-01", "2024-01-31", "the new 30 days from their first day on: 1 + 30"),
    ("submission_window", "closed=2026-10-27T17:30+00:00", "2026-11-27", "01:30 of the 28th in Shanghai: 3 left, 27 more"),
    ("old_part_return", "old_part.removed=2026-09-08", "2026-12-07", "22 left in September, 31, 30, 7 more: 90"),
    ("old_part_return", "old_part.removed=2026-10-27", "2027-01-25", "4 left in October, 30, 31, 25 more: 90"),
    ("old_part_objection", "deduction.received=2026-09-28", "2026-10-05", "2 + 5, and the holiday moves nothing"),
    ("old_part_objection#2", "deduction.received=2026-09-01 deduction.received=2026-09-03", "2026-09-10", "3 + 7"),
    ("maker_answer", "claim.sent=2026-09-09", "2026-10-09", "21 left, 9 more"),
    ("maker_answer_again", "resubmission.sent=2026-12-05", "2027-01-04", "26 left, 4 more"),
    ("appeal_answer", "appeal.sent=2026-10-01", "2026-10-31", "1 + 30"),
    ("resubmission", "rejection.received=2026-01-31", "2026-03-02", "28 February, 2 more"),
    ("appeal", "rejection.received=2026-09-30", "2026-10-15", "15 in October"),
    ("appeal_cut", "cut.received=2026-09-30", "2026-10-15", "15 in October"),
    ("payment", "approval.received=2026-09-15", "2026-10-30", "15 left, 30 more"),
]  # fmt: skip


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), FIDIC_2017)
def test_fidic_2017_counts_calendar_days_and_moves_nothing(clock: str, events: str, due_on: str, counted: str) -> None:
    assert f"{due_of('fidic-2017', clock, events, 'Asia/Shanghai').due_on}" == due_on, counted


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), FIDIC_1999)
def test_fidic_1999_counts_the_report_from_awareness(clock: str, events: str, due_on: str, counted: str) -> None:
    assert f"{due_of('fidic-1999', clock, events, 'Europe/Berlin').due_on}" == due_on, counted


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), NEC4)
def test_nec4_counts_weeks(clock: str, events: str, due_on: str, counted: str) -> None:
    assert f"{due_of('nec4', clock, events).due_on}" == due_on, counted


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), AIA)
def test_aia_counts_from_the_later_of_event_and_recognition(clock: str, events: str, due_on: str, counted: str) -> None:
    assert f"{due_of('aia-a201-2017', clock, events).due_on}" == due_on, counted


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), JCT)
def test_jct_updates_every_month_from_the_first_assessment(clock: str, events: str, due_on: str, counted: str) -> None:
    assert f"{due_of('jct-2016', clock, events).due_on}" == due_on, counted


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), US_DEALERS)
def test_the_statutes_of_five_states(clock: str, events: str, due_on: str, counted: str) -> None:
    due = due_of("us-dealers", clock, events)
    assert f"{due.due_on}" == due_on, counted
    assert not due.provisional


@pytest.mark.parametrize(("clock", "events", "due_on", "counted"), MAKER)
def test_the_example_makers_window_in_the_version_of_the_closing_day(
    clock: str, events: str, due_on: str, counted: str
) -> None:
    assert f"{due_of('example', clock, events, 'Asia/Shanghai').due_on}" == due_on, counted
