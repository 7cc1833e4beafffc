"""Every action there is. A room that adds one writes its file and enters it here."""

from collections.abc import Mapping

from wonward.automation.actions.action import Action
from wonward.automation.actions.approval import APPROVAL
from wonward.automation.actions.associate import ASSOCIATE
from wonward.automation.actions.branch import IF
from wonward.automation.actions.copy import COPY
from wonward.automation.actions.create import CREATE
from wonward.automation.actions.mail import MAIL
from wonward.automation.actions.notify import NOTIFY
from wonward.automation.actions.rotate import ROTATE
from wonward.automation.actions.sequences import ENROL_IN_SEQUENCE, STOP_SEQUENCE
from wonward.automation.actions.set import SET
from wonward.automation.actions.stop import STOP
from wonward.automation.actions.wait import WAIT
from wonward.automation.actions.webhook import WEBHOOK

ACTIONS: tuple[Action, ...] = (
    SET,
    COPY,
    CREATE,
    ASSOCIATE,
    MAIL,
    NOTIFY,
    WEBHOOK,
    WAIT,
    APPROVAL,
    IF,
    ROTATE,
    ENROL_IN_SEQUENCE,
    STOP_SEQUENCE,
    STOP,
)

BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
