"""The site map: every page there is, by the address people see.

A portal's pages stand under its name, a type's under its plural, a record's under its number. What a page asks
for in parts stands under the page.
"""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from wonward.web import (
    activities,
    associations,
    attachments,
    board,
    calendar,
    choosing,
    colleague,
    dashboard_forms,
    dashboards,
    decisions,
    documents,
    duplicates,
    enrolments,
    entering,
    exports,
    form_page,
    forms,
    goals,
    handbook,
    health,
    histories,
    imports,
    inviting,
    leaving,
    listing,
    live,
    meet,
    merging,
    notifications,
    portals,
    properties,
    reading,
    record,
    roster,
    search,
    security,
    sign_in,
    sso,
    stages,
    submissions,
    views,
    yourself,
)


class RecordId:
    """A record's number, in the range that the database has."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the text of a number."""
        return str(value)


register_converter(RecordId, "id")
Pattern = URLPattern | URLResolver

of_record: list[Pattern] = [
    path("", record.record, name="record"),
    path("/edit", forms.edit, name="edit"),
    path("/stage", stages.move, name="stage"),
    path("/decisions", decisions.decide, name="decide"),
    path("/workflows", enrolments.enrolments, name="enrolments"),
    path("/archive", record.archive, name="archive"),
    path("/restore", record.restore, name="restore"),
    path("/merge", merging.merge, name="merge"),
    path("/merge/candidates", merging.candidates, name="merge_candidates"),
    path("/timeline", record.timeline, name="timeline"),
    path("/properties/<slug:name>", properties.edit_property, name="property"),
    path("/properties/<slug:name>/history", histories.property_history, name="history"),
    path("/activities/<slug:activity>", activities.enter_activity, name="enter"),
    path("/files", attachments.files, name="files"),
    path("/files/<id:number>", attachments.file, name="file"),
    path("/files/<id:number>/remove", attachments.remove_file, name="remove_file"),
    path("/files/<id:number>/restore", attachments.restore_file, name="restore_file"),
    path("/files/<id:number>/share", documents.share_file, name="share_file"),
    path("/associations/<slug:other>", associations.associations, name="associations"),
    path("/associations/<slug:other>/candidates", associations.candidates, name="candidates"),
    path("/associations/<slug:other>/<id:other_id>/remove", associations.dissociate, name="dissociate"),
]

of_type: list[Pattern] = [
    path("", listing.listing, name="listing"),
    path("/new", forms.create, name="create"),
    path("/import", imports.new_import, name="new_import"),
    path("/export", exports.new_export, name="new_export"),
    path("/views", views.views, name="views"),
    path("/views/new", views.new_view, name="new_view"),
    path("/views/<id:view_id>", views.view, name="view"),
    path("/columns", choosing.columns, name="columns"),
    path("/key-properties", choosing.first_properties, name="key_properties"),
    path("/board", board.first_board, name="board"),
    path("/board/<str:pipeline>", board.board, name="pipeline"),
    path("/board/<str:pipeline>/<str:stage>", board.cards, name="cards"),
    path("/<id:record_id>", include(of_record)),
]

of_portal: list[Pattern] = [
    path("", portals.portal, name="portal"),
    path("/live", live.live, name="live"),
    path("/handbook", handbook.handbook, name="handbook"),
    path("/search", search.search, name="search"),
    path("/search/suggestions", search.suggestions, name="suggestions"),
    path("/imports", imports.files, name="files"),
    path("/imports/<id:run_id>", imports.import_run, name="import"),
    path("/imports/<id:run_id>/columns", imports.match_columns, name="match_columns"),
    path("/imports/<id:run_id>/refused", imports.refused_rows, name="refused_rows"),
    path("/imports/<id:run_id>/<slug:action>", imports.act, name="act"),
    path("/exports/<id:run_id>", exports.export_run, name="export"),
    path("/exports/<id:run_id>/cancel", exports.cancel_export, name="cancel_export"),
    path("/exports/<id:run_id>/file", exports.export_file, name="export_file"),
    path("/calendar", calendar.calendar, name="calendar"),
    path("/calendar/feed", calendar.feed, name="calendar_feed"),
    path("/calendar/link", calendar.link, name="calendar_link"),
    path("/calendar/pages", calendar.new_page, name="new_meeting_page"),
    path("/you", yourself.yourself, name="yourself"),
    path("/dashboards", dashboards.first_dashboard, name="dashboards"),
    path("/dashboards/<slug:name>", dashboards.dashboard, name="dashboard"),
    path("/dashboards/<slug:name>/clone", dashboards.clone_dashboard, name="clone_dashboard"),
    path("/dashboards/<slug:name>/pin", dashboards.pin_dashboard, name="pin_dashboard"),
    path("/dashboards/<slug:name>/edit", dashboard_forms.edit_dashboard, name="edit_dashboard"),
    path("/dashboards/<slug:name>/remove", dashboard_forms.remove_dashboard, name="remove_dashboard"),
    path("/goals", goals.goals, name="goals"),
    path("/people", roster.people, name="people"),
    path("/people/invite", inviting.invite, name="invite"),
    path("/people/<id:number>", colleague.colleague, name="colleague"),
    path("/people/<id:number>/leave", leaving.leave, name="leave"),
    path("/people/<id:number>/hand-over", leaving.hand_over, name="hand_over"),
    path("/people/<id:number>/come-back", leaving.come_back, name="come_back"),
    path("/people/invitations/<id:number>/renew", roster.renew_invitation, name="renew_invitation"),
    path("/people/invitations/<id:number>/withdraw", roster.withdraw_invitation, name="withdraw_invitation"),
    path("/submissions", submissions.submissions, name="submissions"),
    path("/notifications", notifications.notifications, name="notifications"),
    path("/notifications/bell", notifications.bell, name="bell"),
    path("/notifications/read", notifications.read, name="read_notification"),
    path("/notifications/choices", notifications.choices, name="notification_choices"),
    path("/documents", documents.library_page, name="documents"),
    path("/documents/<id:number>", documents.one, name="library_document"),
    path("/documents/<id:number>/file", documents.file, name="library_file"),
    path("/documents/<id:number>/replace", documents.replace, name="replace_document"),
    path("/documents/<id:number>/remove", documents.remove, name="remove_document"),
    path("/documents/<id:number>/links", documents.share, name="share_document"),
    path("/documents/<id:number>/links/<id:link>/revoke", documents.revoke, name="revoke_document_link"),
    path("/duplicates", duplicates.duplicates, name="duplicates"),
    path("/duplicates/<slug:plural>", duplicates.queue, name="queue"),
    path("/merges/<id:merge_id>/undo", merging.undo, name="unmerge"),
    path("/<slug:plural>", include(of_type)),
]

# The names that stand in no book of ours, `account_…` and `mfa_…`, are those that allauth looks its ways up by.
of_sign_in: list[Pattern] = [
    path("", sign_in.sign_in, name="account_login"),
    path("/inactive", sign_in.inactive, name="account_inactive"),
    path("/code", sign_in.second_factor, name="mfa_authenticate"),
    path("/passkey", sign_in.with_passkey, name="mfa_login_webauthn"),
    path("/sso", sso.to_provider, name="sso"),
    path("/sso/back", sso.from_provider, name="sso_back"),
]

of_security: list[Pattern] = [
    path("", security.security, name="mfa_index"),
    path("/confirm", security.confirm, name="account_reauthenticate"),
    path("/confirm/code", security.confirm_by_code, name="mfa_reauthenticate"),
    path("/confirm/passkey", security.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("/password", security.change_password, name="account_change_password"),
    path("/password/first", security.set_password, name="account_set_password"),
    path("/app", security.add_app, name="mfa_activate_totp"),
    path("/app/remove", security.remove_app, name="mfa_deactivate_totp"),
    path("/codes", security.recovery_codes, name="mfa_view_recovery_codes"),
    path("/codes/renew", security.renew_codes, name="mfa_generate_recovery_codes"),
    path("/passkeys", security.to_security, name="mfa_list_webauthn"),
    path("/passkeys/add", security.add_passkey, name="mfa_add_webauthn"),
    path("/passkeys/<id:pk>", security.name_passkey, name="mfa_edit_webauthn"),
    path("/passkeys/<id:pk>/remove", security.remove_passkey, name="mfa_remove_webauthn"),
    path("/sessions/end", security.end_other_sessions, name="end_other_sessions"),
    path("/sessions/<slug:mark>/end", security.end_session, name="end_session"),
]

urlpatterns = [
    path("", portals.home, name="home"),
    path("health", health.health, name="health"),
    path("sign-in", include(of_sign_in)),
    path("password/forgotten", entering.forgotten, name="forgotten_password"),
    path("password/new/<str:uidb64>/<str:token>", entering.new_password, name="new_password"),
    path("invitation/<str:token>", entering.invitation, name="invitation"),
    path("sign-out", sign_in.sign_out, name="account_logout"),
    path("security", include(of_security)),
    path("meet/<slug:portal>/<slug:name>", meet.times, name="meet"),
    path("meet/<slug:portal>/<slug:name>/<str:token>.ics", meet.file, name="meeting_file"),
    path("meet/<slug:portal>/<slug:name>/<str:token>", meet.booking, name="booking"),
    path("d/<str:token>", reading.document, name="document"),
    path("d/<str:token>/file", reading.document_file, name="document_file"),
    path("d/<str:token>/view", reading.document_view, name="document_view"),
    path("f/<slug:portal>/<slug:name>", form_page.form, name="form"),
    path("f/<slug:portal>/<slug:name>/thanks", form_page.thanks, name="form_thanks"),
    path("calendar/<str:secret>.ics", meet.agenda, name="agenda"),
    path("p/<slug:portal>", include(of_portal)),
]
