"""When an exam with Dr Dolittle can be booked by the real clock."""

from datetime import UTC, datetime, timedelta

from tests.support.clinics import at

MONDAY, CLOCKS = 0, ("09:00", "09:30", "10:00", "10:30", "11:00")


def next_slots(n: int) -> list[int]:
    """Return the first `n` (5 at most) slots of his next Monday but today and tomorrow."""
    days = (datetime.now(UTC).date() + timedelta(days=ahead) for ahead in range(2, 9))
    monday = next(day for day in days if day.weekday() == MONDAY)
    return [at(monday.isoformat(), clock) for clock in CLOCKS[:n]]
