"""Instants, and windows that are counted back from them."""

import calendar
import functools
from datetime import datetime


@functools.cache
def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def months_earlier(moment, months):
    """The same day so many months before, or the last day of a shorter month."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
