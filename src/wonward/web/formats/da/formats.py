"""Dates and times in Danish; names are Django's."""

DATE_FORMAT = "j. b Y"
MONTH_DAY_FORMAT = "j. b"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "H.i"
DATETIME_FORMAT = "j. b Y H.i"
