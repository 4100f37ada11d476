"""Addresses of people, of one's own account and of the doors."""

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from django.urls import path

from banyan.people import saved_views, views
from banyan.people.lists import PersonList
from banyan.web.page import door, page

signed_in = page(None)

# The sign-in library's pages, under its own names. What is not here does not exist: nobody signs
# up by himself, and no link is ever sent by mail.
ACCOUNTS = [
    path("accounts/login/", door(account.login), name="account_login"),
    path("accounts/logout/", door(account.logout), name="account_logout"),
    path("accounts/inactive/", door(account.account_inactive), name="account_inactive"),
    path("accounts/forgot/", views.forgot, name="account_reset_password"),
    path(
        "accounts/reauthenticate/", signed_in(account.reauthenticate), name="account_reauthenticate"
    ),
    path("accounts/password/", signed_in(account.password_change), name="account_change_password"),
    path("accounts/password/set/", signed_in(account.password_set), name="account_set_password"),
    path("accounts/sessions/", signed_in(sessions.list_usersessions), name="usersessions_list"),
    path("accounts/2fa/", signed_in(second_step.index), name="mfa_index"),
    path("accounts/2fa/authenticate/", door(second_step.authenticate), name="mfa_authenticate"),
    path(
        "accounts/2fa/reauthenticate/",
        signed_in(second_step.reauthenticate),
        name="mfa_reauthenticate",
    ),
    path("accounts/2fa/app/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("accounts/2fa/app/remove/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "accounts/2fa/codes/",
        signed_in(recovery.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "accounts/2fa/codes/new/",
        signed_in(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/2fa/codes/file/",
        signed_in(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/2fa/keys/", signed_in(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("accounts/2fa/keys/add/", signed_in(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "accounts/2fa/keys/reauthenticate/",
        signed_in(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "accounts/2fa/keys/<int:pk>/remove/",
        signed_in(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(
        "accounts/2fa/keys/<int:pk>/edit/",
        signed_in(webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path("accounts/2fa/keys/login/", door(webauthn.login_webauthn), name="mfa_login_webauthn"),
]

urlpatterns = [
    path("views/new", saved_views.keep, name="view_new"),
    path("views/<int:pk>", saved_views.amend, name="view_amend"),
    path("views/<int:pk>/begin", saved_views.prefer, name="view_prefer"),
    path("views/<int:pk>/pin", saved_views.pin, name="view_pin"),
    path("views/<int:pk>/drop", saved_views.drop, name="view_drop"),
    path("people/", PersonList.view(), name="people"),
    path("people/new", views.register, name="person_new"),
    path("people/<int:pk>", views.person, name="person"),
    path("people/<int:pk>/appoint", views.appoint, name="appoint"),
    path("people/<int:pk>/phone", views.phone, name="person_phone"),
    path("people/<int:pk>/code", views.entry_code, name="entry_code"),
    path("people/<int:pk>/shut", views.suspend, name="account_suspend"),
    path("people/<int:pk>/open", views.restore, name="account_restore"),
    path("posts/<int:pk>/end", views.end_post, name="post_end"),
    path("posts/switch", views.post_switch, name="post_switch"),
    path("me", views.my_account, name="my_account"),
    path("me/language", views.my_language, name="my_language"),
    path("no-post", views.no_post, name="no_post"),
    path("enter", views.enter, name="enter"),
    path("enter/password", views.enter_password, name="enter_password"),
    *ACCOUNTS,
]
