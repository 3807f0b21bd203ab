"""Public holidays and the working days that make up for them, as the State Council announces them a year ahead.

The days are the data of the package `chinesecalendar`, which knows the years up to `known_until()`. Of later years
nobody knows anything yet: there only weekends are free, until a newer version of the package is installed.
"""
from __future__ import annotations

from datetime import date
from functools import cache

from chinese_calendar import constants

COUNTRIES = ("CN",)


@cache
def free(country: str) -> frozenset[int]:
    """Proleptic ordinals of the days on which that country does not work, weekends within holidays included."""
    return frozenset(day.toordinal() for day in constants.holidays) if country in COUNTRIES else frozenset()


@cache
def made_up(country: str) -> frozenset[int]:
    """Ordinals of the weekend days that are worked instead."""
    return frozenset(day.toordinal() for day in constants.workdays) if country in COUNTRIES else frozenset()


@cache
def known_until(country: str) -> date:
    """The last day of the last year whose holidays are known."""
    return date(max((day.year for day in constants.holidays), default=2003) if country in COUNTRIES else 1, 12, 31)
