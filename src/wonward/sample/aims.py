"""Sets the goals of a sample: of each seller who can have any, in every month lived and those to come."""

from wonward.metrics import goal, period, staff
from wonward.metrics.goal import Target, Whom
from wonward.metrics.period import Span
from wonward.records.work import Work
from wonward.sample.said import Sample


def enter(work: Work, sample: Sample, lived: Span) -> None:
    """Set the goals that aren't set yet, for all months of the years lived in, and some to look ahead."""
    years = Span(
        period.around(lived.start, "year").start, period.around(period.moved(lived.end, 3), "year").end
    )
    people = staff.of_portal(work.catalog.portal_id)
    sellers = {each.email for each in sample.people if each.sells}
    for aim in sample.goals:
        metric = work.catalog.metrics[aim.metric]
        stated = goal.read(work, [metric], years, people)[metric.name].stated
        able = [each for each in goal.unlocked(work, people.here) if each.email in sellers]
        wanted: dict[Target, str | None] = {
            (Whom(member=member.pk), month): str(aim.month[place % len(aim.month)])
            for place, member in enumerate(able)
            for month in years.parts("month")
        }
        goal.enter(work, metric, {each: text for each, text in wanted.items() if each not in stated}, people)
