"""Ways in for who has no password, or not any more: a new one by mail, and invitations.

What these pages answer is the same whether or not somebody has the email address.
"""

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from wonward.accounts import invitations, letters, users
from wonward.errors import Invalid, Missing
from wonward.web.access import public
from wonward.web.sign_in import Rules


class Forgotten(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(max_length=254)


@public
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the email address, and say that a letter goes there if somebody has it.

    Who asks too often gets the same answer, and no letter.
    """
    form = Forgotten(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "entering/forgotten.html", {"form": form})
    email = form.cleaned_data["email"].lower()
    if ratelimit.consume(request, action="reset_password", key=email):
        letters.reset_password(email)
    return render(request, "entering/sent.html", {"email": email})


@method_decorator(sensitive_post_parameters(), name="dispatch")
class NewPassword(PasswordResetConfirmView):
    """The page that a letter leads to; the link goes into the session, so that it stands in no address."""

    template_name = "entering/new_password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password and end all sessions; who has a second factor is still asked for it."""
        user: Any = self.user
        users.change_password(user.email, form.cleaned_data["new_password1"])
        self.request.session.flush()
        Rules(self.request).forgive(user.email)
        letters.notify(user, "password_changed")
        messages.success(self.request, "Your password is changed. Sign in with it.")
        return redirect("account_login")


@public
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose a name and a password."""
    try:
        asked = invitations.opened(token)
        if request.method != "POST":
            return render(
                request, "entering/invitation.html", {"asked": asked, "name": asked.name, "problems": []}
            )
        name = request.POST.get("name", "")[:200]
        try:
            invitations.accept(token, name, request.POST.get("password", ""))
        except Invalid as refusal:
            shown = {"asked": asked, "name": name, "problems": refusal.problems}
            return render(request, "entering/invitation.html", shown, status=400)
    except Missing as missing:
        return render(request, "entering/gone.html", {"problem": str(missing)}, status=404)
    messages.success(request, f"Welcome to {asked.portal.label}. Sign in with your new password.")
    return redirect("account_login")


new_password = public(NewPassword.as_view())
