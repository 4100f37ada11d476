# ruff: noqa: E501, E402, DTZ007
"""django-import-export on the very file of `bench/imports.py`, for comparison.

In a scratch environment of its own, never among Banyan's requirements:
    python -m venv peer; peer/bin/pip install "django-import-export[xlsx]" "psycopg[binary]"
    BENCH_FILE=great.xlsx BENCH_DSN=postgresql://…/peer peer/bin/python bench/imports_peer.py

One table with the file's columns, and the same checks of its cells: the unit by its name and
district (looked up in memory), choices with their synonyms, days, amounts, numbers, years, states.
Its advised settings for large files: `use_bulk`, `batch_size`, `skip_diff`, `force_init_instance`.
It writes one row a record; Banyan also writes typed answers, search words, counts and a ledger.
"""

import os
import resource as rusage
import time
from datetime import date, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

dsn = urlsplit(os.environ["BENCH_DSN"])
settings.configure(
    INSTALLED_APPS=["import_export"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": dsn.path.lstrip("/"),
            "USER": dsn.username,
            "PASSWORD": unquote(dsn.password or ""),
            "HOST": parse_qs(dsn.query).get("host", [dsn.hostname or ""])[0],
            "PORT": parse_qs(dsn.query).get("port", [dsn.port or ""])[0],
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection, models
from import_export import fields, resources, widgets
from tablib import Dataset

CHOICES = {
    "kind": {"mô hình": "model", "mh": "model", "điển hình": "exemplar"},
    "who": {"tập thể": "collective", "tt": "collective", "cá nhân": "individual"},
    "field": {
        "kt": "economy",
        "vh-xh": "culture_society",
        "qp-an": "defence_security",
        "xây dựng hệ thống chính trị": "political_system",
    },
    "level": {"cấp xã": "commune", "xã": "commune", "cấp huyện": "district"},
    "state": {
        "đang thực hiện": "in_progress",
        "đang th": "in_progress",
        "đã hoàn thành": "completed",
    },
}


class Unit(models.Model):
    """A commune in a district."""

    district = models.CharField(max_length=200)
    name = models.CharField(max_length=200)

    class Meta:
        app_label = "peer"


class Model(models.Model):
    """A row of the register."""

    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, blank=True)
    who = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=30, blank=True, db_index=True)
    level = models.CharField(max_length=20, db_index=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    registered_on = models.DateField(db_index=True)
    content = models.TextField(blank=True)
    target = models.CharField(max_length=200, blank=True)
    begins_on = models.DateField(null=True)
    money = models.BigIntegerField(null=True)
    labour = models.IntegerField(null=True)
    land = models.IntegerField(null=True)
    first_year = models.IntegerField(null=True)
    state = models.CharField(max_length=20, db_index=True)
    note = models.TextField(blank=True)

    class Meta:
        app_label = "peer"


class Choice(widgets.Widget):
    """A word or its synonym."""

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__()
        self.known = known

    def clean(self, value, row=None, **kwargs):
        """The meaning; ValueError when unknown."""
        if value in (None, ""):
            return ""
        said = str(value).strip().lower()
        if said not in self.known:
            raise ValueError(f"unknown: {value}")
        return self.known[said]


class Day(widgets.Widget):
    """05/03/2024."""

    def clean(self, value, row=None, **kwargs):
        """The day; ValueError when it is none."""
        if value in (None, ""):
            return None
        if isinstance(value, datetime | date):
            return value
        return datetime.strptime(str(value).strip(), "%d/%m/%Y").date()


class Whole(widgets.Widget):
    """1.234.567, within bounds."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__()
        self.least, self.most = least, most

    def clean(self, value, row=None, **kwargs):
        """The number; ValueError when it is none, or beyond its bounds."""
        if value in (None, ""):
            return None
        number = int(str(value).replace(".", ""))
        if not self.least <= number <= self.most:
            raise ValueError(f"out of bounds: {value}")
        return number


class Place(widgets.Widget):
    """A unit by its name, in the district beside it."""

    units: dict[tuple[str, str], Unit] = {}

    def clean(self, value, row=None, **kwargs):
        """The unit; ValueError when there is none of that name."""
        found = self.units.get((row["Huyện"], value))
        if found is None:
            raise ValueError(f"no such unit: {value}")
        return found


def column(name: str, heading: str, widget: widgets.Widget | None = None) -> fields.Field:
    """A field of the resource."""
    return fields.Field(attribute=name, column_name=heading, widget=widget or widgets.CharWidget())


class Register(resources.ModelResource):
    """The register as a resource."""

    title = column("title", "Tên mô hình, điển hình")
    kind = column("kind", "Mô hình/Điển hình", Choice(CHOICES["kind"]))
    who = column("who", "Chủ thể", Choice(CHOICES["who"]))
    name = column("name", "Tên chủ thể")
    field = column("field", "Lĩnh vực", Choice(CHOICES["field"]))
    level = column("level", "Cấp đăng ký", Choice(CHOICES["level"]))
    unit = column("unit", "Xã, phường, thị trấn", Place())
    registered_on = column("registered_on", "Ngày đăng ký", Day())
    content = column("content", "Nội dung, cách làm")
    target = column("target", "Đối tượng")
    begins_on = column("begins_on", "Ngày bắt đầu", Day())
    money = column("money", "Kinh phí (đồng)", Whole(0, 10**15))
    labour = column("labour", "Ngày công", Whole(0, 10**9))
    land = column("land", "Đất hiến (m2)", Whole(0, 10**9))
    first_year = column("first_year", "Năm đăng ký lần đầu", Whole(1990, 2100))
    state = column("state", "Tình trạng", Choice(CHOICES["state"]))
    note = column("note", "Ghi chú")

    class Meta:
        model = Model
        import_id_fields = ()
        use_bulk = True
        batch_size = 1_000
        skip_diff = True
        force_init_instance = True
        use_transactions = True


def timed(label: str, work):
    """What a step took."""
    start, cpu = time.perf_counter(), time.process_time()
    answer = work()
    peak = rusage.getrusage(rusage.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{label}: {time.perf_counter() - start:.1f} s, {time.process_time() - cpu:.1f} s of a core, peak {peak} MB",
        flush=True,
    )
    return answer


def main() -> None:
    """Read, try, import: as its admin does it."""
    with connection.schema_editor() as editor:
        for model in (Unit, Model):
            editor.create_model(model)
    with open(os.environ["BENCH_FILE"], "rb") as file:
        rows = timed("read", lambda: Dataset().load(file, format="xlsx", skip_lines=2))
    wrong = ("Xã Không Có", "Thị trấn Vô Danh")
    places = {(row["Huyện"], row["Xã, phường, thị trấn"]) for row in rows.dict}
    Place.units = {
        place: Unit.objects.create(district=place[0], name=place[1])
        for place in places
        if place[1] not in wrong
    }
    print(f"load {os.getloadavg()}", flush=True)
    timed("dry run", lambda: Register().import_data(rows, dry_run=True))
    done = timed("import", lambda: Register().import_data(rows, raise_errors=False))
    print(done.totals, Model.objects.count(), f"load {os.getloadavg()}", flush=True)


main()
