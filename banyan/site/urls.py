"""All addresses."""

from django.urls import include, path

from banyan.site import views
from banyan.web.api import build

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("banyan.web.urls")),
    path("", include("banyan.orgs.urls")),
    path("", include("banyan.people.urls")),
    path("", include("banyan.documents.urls")),
    path("", include("banyan.packs.urls")),
    path("", include("banyan.figures.urls")),
    path("", include("banyan.submissions.urls")),
    path("", include("banyan.imports.urls")),
    path("", include("banyan.initiatives.urls")),
    path("", include("banyan.reorganisations.urls")),
    path("", include("banyan.reports.urls")),
    path("", include("banyan.notices.urls")),
    path("", include("banyan.analytics.urls")),
    path("", include("banyan.desk.urls")),
    path("", include("banyan.site.setup.urls")),
]

# Last: the API is made of the lists and forms of the addresses above.
urlpatterns += [path("api/", build(urlpatterns).urls)]

handler400 = "banyan.site.failures.unreadable"
handler403 = "banyan.site.failures.shut"
handler404 = "banyan.site.failures.unknown"
handler500 = "banyan.site.failures.broken"
