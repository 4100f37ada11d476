"""Who signs in to the example."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from banyan.orgs.finding import find_unit
from banyan.orgs.models import Tree
from banyan.people import operations as people
from banyan.people.actor import Actor, Installer
from banyan.people.middleware import today
from banyan.people.models import Account, Person, Role
from banyan.site.demo import lines
from banyan.site.demo.records import PERIOD, PLACE

PASSWORD = "vi-du-banyan"  # shown on the sign-in page, which only loopback sees in the demo
REVIEWER = "dan-van-kheo-reviewer"


@dataclass(frozen=True)
class SignIn:
    """One sign-in of the example; `at` is the code of the unit where the post is held."""

    email: str
    name: str
    role: str
    does: str | Promise
    at: str = PLACE
    tree: str = Tree.STATE


SIGN_INS = (
    SignIn(
        "an@vidu.banyan",
        "Trần Văn Mẫu An",
        "administrator",
        _("Thanh Trì district: accounts, units, programmes"),
    ),
    SignIn(
        "binh@vidu.banyan",
        "Lê Thị Mẫu Bình",
        REVIEWER,
        _("Thanh Trì district: imports and compiles the register"),
    ),
    SignIn(
        "minh@vidu.banyan",
        "Phạm Văn Mẫu Minh",
        REVIEWER,
        _("Thanh Trì district: reviews models, writes the report"),
    ),
    SignIn(
        "hung@vidu.banyan",
        "Đỗ Văn Mẫu Hùng",
        "dan-van-kheo-leader",
        _("Thanh Trì district: leads, recognises models"),
    ),
    SignIn(
        "lan@vidu.banyan",
        "Nguyễn Thị Mẫu Lan",
        "dan-van-kheo-registrar",
        _("Tứ Hiệp commune: registers models"),
        at="00658@2024-06-30",
    ),
    SignIn(
        "thu@vidu.banyan",
        "Hoàng Thị Mẫu Thu",
        "administrator",
        _("The whole country: carries out the reform of units"),
        at="VN",
    ),
    SignIn(
        "mai@vidu.banyan",
        "Vũ Thị Mẫu Mai",
        REVIEWER,
        _("Ninh Bình province: keeps its register"),
        at="37@2024-06-30",
    ),
    SignIn(
        "quang@vidu.banyan",
        "Ngô Văn Mẫu Quang",
        REVIEWER,
        _("Quảng Nam province: keeps the register of the mountain districts"),
        at="49@2024-06-30",
    ),
    SignIn(
        "son@vidu.banyan",
        "Bùi Văn Mẫu Sơn",
        "administrator",
        _("Thanh Trì district, Party line: committees, cells, members"),
        at=lines.PARTY_DISTRICT,
        tree=Tree.PARTY,
    ),
)


def appoint_all(by: Installer) -> None:
    """Register everybody who signs in, and give each the post."""
    roles = {role.key: role for role in Role.objects.all()}
    for one in SIGN_INS:
        unit = find_unit(one.at, PERIOD.last).unit
        person: Person = people.register_person(
            unit, name=one.name, email=one.email, password=PASSWORD, synthetic=True, by=by
        )
        people.appoint(
            unit, person=person, role=roles[one.role], on=lines.SINCE, tree=one.tree, by=by
        )


def acting(name: str) -> Actor:
    """One of them, in the post."""
    account = Account.objects.get(email=f"{name}@vidu.banyan")
    return Actor.in_first_post(account, today())
