"""Words that several models of this domain choose from."""

# In the order in which they are reached: a later one reached reaches those before it.
KINDS = [
    ("acknowledge", "Acknowledge"),
    ("first_answer", "First Answer"),
    ("remote_start", "Remote Start"),
    ("workaround", "Workaround"),
    ("on_site", "On-site Arrival"),
    ("resolution", "Resolution"),
    ("part_delivery", "Part Delivery"),
    ("report", "Report Delivery"),
]

UNITS = [
    ("open_hours", "Opening hours"),
    ("open_day_24h", "Hours of open days (24 h each)"),
    ("calendar_hours", "Hours around the clock"),
    ("working_days_close", "Working days, until closing time"),
    ("working_days_same", "Working days, until the same time"),
    ("text", "Commitment in words"),
    ("none", "No commitment"),
]
# Decimals of an hour enough for each second of it: 0.3333 h are 20 minutes.
AMOUNT_DIGITS = (10, 4)
HOUR_UNITS = ("open_hours", "open_day_24h", "calendar_hours")
DAY_UNITS = ("working_days_close", "working_days_same")

REQUEST_KINDS = [
    ("breakdown", "Breakdown"),
    ("support", "Support Question"),
    ("update", "Software Update"),
    ("part", "Spare Part"),
    ("information", "Information"),
    ("idea", "Improvement Idea"),
]

CHANGE_RULES = [
    ("carry", "Keep what has elapsed, go on with the new delay"),
    ("retro", "Count again from the start with the new delay"),
    ("restart", "Start anew from the change"),
]

REOPEN_RULES = [
    ("resume", "Go on where it stopped"),
    ("new_cycle", "Give the full delay again"),
    ("continuous", "Count the time in between too"),
]
