"""The one way an enrolment fails: among the failures, at the step where it is, with the reasons."""

from datetime import datetime

from wonward.automation.models import Enrolment, Status


def fail(enrolment: Enrolment, now: datetime, problems: list[dict[str, str | None]]) -> None:
    """Put an enrolment among the failures, at the step where it is."""
    enrolment.status, enrolment.problems = Status.FAILED, problems
    enrolment.due_at, enrolment.ended_at = None, now
    enrolment.said = "; ".join(each["message"] or "" for each in problems)
