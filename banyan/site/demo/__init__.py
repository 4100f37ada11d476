"""The example: synthetic records, made by the operations alone, whose totals are the reports'.

`thanh_tri.py` is report A's district, `provinces.py` report C's province and nine mountain
districts as one group, `lines.py` the Party and the Front beside the state, `people.py` who signs
in. What no report says (which commune, which day, every name) is made up and marked.
"""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from banyan.kernel.errors import Refusal
from banyan.orgs import shipped
from banyan.orgs.finding import find_unit
from banyan.orgs.models import Unit
from banyan.packs.models import Edition
from banyan.packs.operations import install
from banyan.packs.reading import read
from banyan.people.actor import Installer
from banyan.people.roles import define_installation_roles
from banyan.site.demo import earlier, lines, people, provinces, rounds, thanh_tri
from banyan.site.demo.people import PASSWORD, SIGN_INS
from banyan.site.demo.records import NAME, PERIOD, PLACE
from banyan.site.demo.thanh_tri import DUE, MODELS, RECOGNISED, REVIEWED
from banyan.site.models import Organisation
from banyan.site.operations import begin_example

__all__ = [
    "DUE",
    "MODELS",
    "NAME",
    "PASSWORD",
    "PERIOD",
    "PLACE",
    "PROGRAMME",
    "RECOGNISED",
    "REGISTERS",
    "REVIEWED",
    "SIGN_INS",
    "make_demo",
]

PROGRAMME = "dan-van-kheo"
# Where the example has models: what figures are asked for, what it is called, how many there are.
REGISTERS = (
    (PLACE, "Huyện Thanh Trì", MODELS),
    (provinces.NINH_BINH, "Tỉnh Ninh Bình", provinces.NINH_BINH_MODELS),
    (provinces.GROUP, provinces.GROUP_NAME, provinces.GROUP_MODELS),
)


def make_demo() -> Unit:
    """Make the example whole or not at all; a second call finds it and changes nothing."""
    with transaction.atomic():
        return _standing() or _made()


def _made() -> Unit:
    by = Installer()
    shipped.load(by=by)
    district = find_unit(PLACE, PERIOD.last).unit
    begin_example(district, name=NAME, by=by)
    define_installation_roles(by=by)
    edition = _edition(district, by)
    lines.make_trees(by)
    people.appoint_all(by)
    earlier.make(district, edition)
    thanh_tri.make(district, edition)
    provinces.make(edition)
    rounds.make(edition)
    # After the round was opened: it asked the communes, as report A's did, and nobody below.
    lines.make_villages(people.acting("an"))
    lines.make_links(by)
    lines.enrol_members(people.acting("son"))
    return district


def _standing() -> Unit | None:
    """The example's unit when it is there; refuses to mix it with an organisation's own records."""
    here = Organisation.objects.select_related("unit").order_by("is_demo").first()
    if here is None or here.is_demo:
        return here.unit if here else None
    raise Refusal(
        _("An organisation works in this installation already."),
        _("Synthetic records are never mixed with its own."),
        _("Make the example in another home: BANYAN_HOME=/another/folder banyan demo"),
        status=409,
    )


def _edition(district: Unit, by: Installer) -> Edition:
    content = read(Path(settings.PACKS) / PROGRAMME)
    number = content["pack"]["edition"]
    installed: Edition = install(district, pack=PROGRAMME, edition=number, content=content, by=by)
    return installed
