"""The events of a calendar, which is given as a string of JSON: summary, day and id of each."""
import json
import sys

import icalendar

calendar = icalendar.Calendar.from_ical(json.load(sys.stdin))
events = calendar.walk("VEVENT")
print(json.dumps([[str(event["SUMMARY"]), event["DTSTART"].dt.isoformat(), str(event["UID"])] for event in events]))
