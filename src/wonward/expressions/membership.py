"""Who looks and what belongs together: `me()`, `my_teams()` and `in_list('name')`.

A dynamic list is written out where it is asked for, as if its filter stood there; lists that ask for one
another in a circle are refused.
"""

from collections.abc import Mapping

from wonward.errors import Invalid
from wonward.expressions import tree
from wonward.expressions.function import Function, Read
from wonward.expressions.operands import is_owner, what
from wonward.expressions.parse import parse
from wonward.expressions.place import Place, refusal
from wonward.expressions.scope import Scope
from wonward.expressions.suggest import suggestion
from wonward.expressions.typed import Listed, Operation, Person, Typed
from wonward.schema.catalog import RecordList

DEEPEST_LISTS = 5
"""Lists that ask for one another."""


def in_my_teams(node: tree.Membership, owner: Typed, scope: Scope) -> Typed:
    """Return the test that an owner belongs to a team of whoever asks; raise Invalid when it is no owner."""
    if not is_owner(owner):
        raise refusal(f"my_teams() holds owners; {what(node.operand, owner)}", node.place)
    return Operation("boolean", "in teams", (owner, Person("set", "my_teams", scope.catalog.portal_id)))


def _me(node: tree.Call, scope: Scope, _: Read) -> Typed | None:
    return None if node.arguments else Person("number", "me", scope.catalog.portal_id)


def _elsewhere(_node: tree.Call, _scope: Scope, _read: Read) -> Typed | None:
    return None


def _in_list(node: tree.Call, scope: Scope, read: Read) -> Typed | None:
    match node.arguments:
        case (tree.Text(name) as given,):
            found = _list_named(name, scope, given.place)
            if found.filter is None:
                scope.spend("listed", node.place)
                return Listed("boolean", found.name)
            return Operation("boolean", "surely", (_written_out(found, scope, read, given.place),))
    return None


def _list_named(name: str, scope: Scope, place: Place | None) -> RecordList:
    lists = scope.catalog.lists
    found = lists.get(name)
    if found is None:
        raise refusal(f"there is no list '{name}'{suggestion(name, lists)}", place)
    if found.object_type != scope.object_type.name:
        of = scope.catalog.object_types[found.object_type].plural_label
        raise refusal(
            f"the list '{found.label}' holds {of}; this is about {scope.object_type.plural_label}", place
        )
    return found


def _written_out(found: RecordList, scope: Scope, read: Read, place: Place | None) -> Typed:
    if found.name in scope.lists:
        circle = " → ".join((*scope.lists, found.name))
        raise refusal(f"lists ask for one another in a circle: {circle}; take one of them out", place)
    if len(scope.lists) == DEEPEST_LISTS:
        raise refusal(f"more than {DEEPEST_LISTS} lists ask for one another; write a filter out", place)
    try:
        typed = read(parse(found.filter or ""), scope.in_list(found.name))
    except Invalid as error:
        raise refusal(f"the list '{found.label}' can't be read: {error.problems[0].message}", place) from None
    if typed.family != "boolean":
        raise refusal(f"the list '{found.label}' has no condition for a filter", place)
    return typed


MEMBERSHIP: Mapping[str, Function] = {
    "me": Function("me()", _me, "who looks"),
    "my_teams": Function("hubspot_owner_id in my_teams()", _elsewhere, "who looks"),
    "in_list": Function("in_list('nordic_customers')", _in_list, "a list"),
}
