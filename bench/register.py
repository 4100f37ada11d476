# ruff: noqa: E501
"""How fast the register list is at 100,000 and 1,000,000 models: `python bench/register.py`
(sizes: BENCH_SIZES="100000 1000000").

Makes the example with all units of the country in a throw-away home, then synthetic models in all its
communes by the statements of the bulk path, set-based, through the same triggers. Every question is
asked as a page, by an actor of the whole country and by a commune's officer, beside the bare SQL that
fetches fifty rows by the same index. Prints a table for docs/benchmarks.md.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from frame import in_a_home_of_its_own

TIMES = int(os.environ.get("BENCH_TIMES", "15"))
SIZES = [int(one) for one in os.environ.get("BENCH_SIZES", "100000 1000000").split()]
PERIODS = ("2022H1", "2022H2", "2023H1", "2023H2", "2024H1", "2024H2")
CHUNK = 50_000
WHAT = (
    "Tuyến đường hoa",
    "Tổ tự quản an ninh",
    "Vườn rau sạch",
    "Mô hình nuôi gà",
    "Camera an ninh",
    "Đường điện chiếu sáng",
    "Quỹ tiết kiệm",
    "Nhà văn hóa",
    "Cánh đồng mẫu",
    "Thu gom rác thải",
    "Hòa giải cơ sở",
    "Câu lạc bộ dân vũ",
)
HOW = (
    "tự quản",
    "kiểu mẫu",
    "không rác",
    "xanh sạch đẹp",
    "đoàn kết",
    "giúp nhau làm kinh tế",
    "vì trẻ em",
    "của phụ nữ",
    "của cựu chiến binh",
    "phòng cháy",
    "gắn kết hộ",
    "hiến đất làm đường",
)
STATES = (
    "draft",
    "registered",
    "approved",
    "in_progress",
    "in_progress",
    "completed",
    "completed",
    "reviewed",
    "recognised",
    "recognised",
    "withdrawn",
    "suspended",
)

_ROWS = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    SELECT nextval(pg_get_serial_sequence('submissions_submission', 'id')) AS id, unit_id, round_id, day, state,
           year, title, registrant_id, jsonb_strip_nulls(jsonb_build_object(
             'title', title, 'registered_on', day::text, 'registrant_kind', kind, 'registrant_name', name,
             'kind_of', CASE WHEN r1 < .8 THEN 'model' ELSE 'exemplar' END,
             'field', (ARRAY['economy', 'culture_society', 'defence_security', 'political_system', NULL])[1 + floor(r2 * 5)::int],
             'level', (ARRAY['commune', 'commune', 'commune', 'district', 'province'])[1 + floor(r3 * 5)::int],
             'first_year', CASE WHEN r4 < .5 THEN 2019 + floor(r4 * 10)::int END,
             'continuing', r5 < .3, 'commemorative_mark', r6 < .02,
             'resources_money', CASE WHEN r1 < .4 THEN floor(r2 * 300)::bigint * 1000000 END,
             'resources_labour', CASE WHEN r3 < .3 THEN floor(r4 * 900)::int END,
             'resources_land', CASE WHEN r5 < .1 THEN floor(r6 * 5000)::int END,
             'beneficiary_households', CASE WHEN r4 < .6 THEN floor(r5 * 400)::int END,
             'result', repeat('Kết quả tổng hợp thử nghiệm. ', 12))) AS answers
      FROM (SELECT u.unit_id, g.id AS registrant_id, g.kind, g.name, ro.id AS round_id, ro.year,
                   lower(ro.span) + floor(random() * 180)::int AS day,
                   (%(states)s::text[])[1 + floor(random() * array_length(%(states)s::text[], 1))::int] AS state,
                   (%(what)s::text[])[1 + floor(random() * array_length(%(what)s::text[], 1))::int] || ' '
                   || (%(how)s::text[])[1 + floor(random() * array_length(%(how)s::text[], 1))::int] || ' số ' || i AS title,
                   random() r1, random() r2, random() r3, random() r4, random() r5, random() r6
              FROM generate_series(%(first)s::int, %(last)s::int) AS i
              JOIN at_unit u ON u.place = i %% (SELECT count(*) FROM at_unit)
              JOIN at_round ro ON ro.place = (i / 7) %% (SELECT count(*) FROM at_round)
              JOIN initiatives_registrant g ON g.unit_id = u.unit_id AND g.folded = 'bench'
             -- not by random(): the planner would take every random() above for the sort key,
             -- one number for all, and no row would answer two choices independently
             ORDER BY md5(i::text)) AS drawn
"""
_STORE = """
    INSERT INTO submissions_submission (id, round_id, unit_id, state, answers, counts_on, version, synthetic)
    SELECT id, round_id, unit_id, state, answers, day, 1, true FROM told
"""
_TYPED = """
    INSERT INTO submissions_answer (submission_id, field, choice, number, day)
    SELECT told.id, key,
           CASE WHEN key IN ('field', 'level', 'kind_of', 'registrant_kind') THEN value #>> '{}'
                WHEN jsonb_typeof(value) = 'boolean' THEN CASE WHEN value = 'true' THEN 'yes' ELSE 'no' END ELSE '' END,
           CASE WHEN jsonb_typeof(value) = 'number' THEN (value #>> '{}')::numeric END,
           CASE WHEN key = 'registered_on' THEN (value #>> '{}')::date END
      FROM told, jsonb_each(answers) WHERE key NOT IN ('title', 'registrant_name', 'result')
"""
_MODELS = """
    INSERT INTO initiatives_initiative (code, unit_id, registrant_id, title, folded, submission_id, synthetic,
                                        state, facets, measures)
    SELECT 'MB-' || year || '-' || lpad(id::text, 7, '0'), unit_id, registrant_id, title,
           lower(unaccent(title)), id, true, '', '{}', '{}' FROM told
"""


def owner() -> Any:
    """A connection as the role that owns the tables: the app's makes none."""
    import psycopg

    from banyan.site import home

    return psycopg.connect(home.database_url("owner"), autocommit=True)


def make_rows(first: int, last: int) -> None:
    """Models number `first` to `last`, chunk by chunk."""
    with owner() as link:
        _make(link, first, last)


def _make(link: Any, first: int, last: int) -> None:
    for start in range(first, last + 1, CHUNK):
        with link.transaction(), link.cursor() as cursor:
            told = {
                "first": start,
                "last": min(start + CHUNK - 1, last),
                "states": list(STATES),
                "what": list(WHAT),
                "how": list(HOW),
            }
            cursor.execute(_ROWS, told)
            for statement in (_STORE, _TYPED, _MODELS):
                cursor.execute(statement)


def make_places() -> None:
    """Rounds of the country, and a registrant at each commune of June 2024 that is still one."""
    from banyan.orgs.models import Unit
    from banyan.packs.models import Edition
    from banyan.people.models import Post
    from banyan.submissions.models import Round

    edition = Edition.objects.of("dan-van-kheo").newest_first()[0]
    root = Post.objects.get(person__account__email="thu@vidu.banyan").unit
    from django.db.backends.postgresql.psycopg_any import DateRange

    from banyan.kernel.period import Period

    for key in PERIODS:
        span = Period.parse(key)
        Round.objects.create(
            edition=edition,
            form="register",
            period=key,
            span=DateRange(span.first, span.after),
            unit=root,
            due=span.last,
        )
    assert Unit.objects.exists()
    with owner() as link, link.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute(
            "CREATE TABLE at_unit AS SELECT u.id AS unit_id, row_number() OVER (ORDER BY u.id) - 1 AS place FROM orgs_unit u"
            " WHERE kind = 'commune' AND EXISTS (SELECT FROM orgs_ancestry a WHERE a.unit_id = u.id"
            " AND a.ancestor_id = %s AND a.tree = 'state' AND a.valid @> '2024-06-20'::date AND a.sure AND a.depth IS NOT NULL)",
            [root.pk],
        )
        cursor.execute(
            "CREATE TABLE at_round AS SELECT id, span, extract(year FROM lower(span))::int AS year,"
            " row_number() OVER (ORDER BY id) - 1 AS place FROM submissions_round WHERE unit_id = %s",
            [root.pk],
        )
        cursor.execute(
            "INSERT INTO initiatives_registrant (unit_id, kind, name, folded)"
            " SELECT unit_id, 'collective', 'Chi hội Phụ nữ Mẫu ' || place, 'bench' FROM at_unit"
        )


def settle() -> None:
    """What the worker and the server do by themselves within a while: fold, analyse, vacuum."""
    from banyan.figures import folding

    folding.fold_all()
    with owner() as link, link.cursor() as cursor:
        for table in (
            "initiatives_initiative",
            "submissions_submission",
            "submissions_answer",
            "initiatives_tally",
            "figures_delta",
            "initiatives_registrant",
            "submissions_round",
        ):
            cursor.execute(f"VACUUM ANALYZE {table}")


class Table:
    """Questions with p50, p95, queries and bytes."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def ask(self, label: str, client: Any, url: str) -> None:
        """One page, so many times."""
        from django.db import connection

        asked: list[tuple[float, str]] = []

        def watch(run: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            start = time.perf_counter()
            try:
                return run(sql, params, many, context)
            finally:
                asked.append((time.perf_counter() - start, str(sql)))

        client.get(url)
        with connection.execute_wrapper(watch):
            answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        taken = timed(lambda: client.get(url))
        self.rows.append((label, *taken, str(len(asked)), f"{len(answer.content) // 1024} kB"))
        in_sql = sum(one for one, _sql in asked) * 1000
        print(self.rows[-1], f"sql {in_sql:.0f} ms", flush=True)
        for spent, sql in sorted(asked, reverse=True)[:1]:
            if spent > 0.03:
                print(f"   {spent * 1000:.0f} ms", sql[:160].replace("\n", " "), flush=True)

    def floor(self, label: str, sql: str) -> None:
        """Bare SQL, fetched."""
        from django.db import connection

        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                cursor.fetchall()

        self.rows.append((label, *timed(run), "1", ""))
        print(self.rows[-1], flush=True)


def timed(work: Callable[[], object]) -> tuple[str, str]:
    """Median and 95th percentile in ms, after one run to warm up."""
    work()
    taken = []
    for _n in range(TIMES):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return f"{statistics.median(taken):.0f}", f"{taken[int(len(taken) * 0.95)]:.0f}"


def exported(client: Any, kind: str) -> None:
    """A file of every row: how long, how large, and by how much this process grew meanwhile."""
    start, peak, size = time.perf_counter(), 0, 0
    before = resident()
    answer = client.get(f"/initiatives/?as={kind}")
    for part in answer:
        size += len(part)
        peak = max(peak, resident())
    spent = time.perf_counter() - start
    print(
        f"export {kind}: {spent:.0f} s, {size // 1024} kB, memory {before} MB before, {peak} MB at most",
        flush=True,
    )


def resident() -> int:
    """Megabytes of memory this process holds."""
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_048_576


def deep(client: Any, url: str) -> str:
    """The address of a page in the middle of the list: a cursor made from a row there."""
    from banyan.initiatives.models import Initiative
    from banyan.web.keyset import encode

    n = Initiative.objects.count()
    row = Initiative.objects.order_by("-code", "-pk")[n // 2]
    return f"{url}?after={encode([0, row.code, row.pk])}"


def measure() -> None:
    """Every question at every size."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.test import Client
    from django.utils import translation

    from banyan.people.models import Account
    from banyan.site import demo

    translation.activate("vi")
    from banyan.initiatives.models import Initiative

    made = Initiative.objects.filter(registrant__folded="bench").count()
    if not made:
        demo.make_demo()
        make_places()
    for size in SIZES:
        start = time.perf_counter()
        if size > made:
            make_rows(made + 1, size)
            made = size
            settle()
            print(f"made {size} in {time.perf_counter() - start:.0f} s", flush=True)
        table = Table()
        for who, email in (("country", "thu@vidu.banyan"), ("commune", "lan@vidu.banyan")):
            client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_LANGUAGE="vi")
            client.force_login(Account.objects.get(email=email))
            client.get("/initiatives/")
            for label, url in QUESTIONS:
                table.ask(f"{who}: {label}", client, f"/initiatives/{url}")
            if who == "country":
                table.ask(f"{who}: page in the middle", client, deep(client, "/initiatives/"))
        table.floor(
            "floor: fifty rows by code",
            "SELECT * FROM initiatives_initiative i JOIN submissions_submission s ON s.id = i.submission_id ORDER BY code DESC LIMIT 51",
        )
        table.floor(
            "floor: count(*) by state",
            "SELECT state, count(*) FROM initiatives_initiative GROUP BY 1",
        )
        print("load", os.getloadavg(), flush=True)
        print(f"\n| {size:,} models | p50 ms | p95 ms | queries | size |\n|---|---|---|---|---|")
        for row in table.rows:
            print("| " + " | ".join(row) + " |")
        client.force_login(Account.objects.get(email="thu@vidu.banyan"))
        for kind in ("csv", "xlsx"):
            exported(client, kind)


QUESTIONS = (
    ("first page, chips, totals", ""),
    ("one choice filter", "?field=economy"),
    ("period and state", "?period=2024H1&state=completed"),
    ("two choice filters", "?field=economy&level=province"),
    ("three rare filters", "?field=economy&level=province&commemorative_mark=yes"),
    ("search, two frequent words", "?q=duong+hoa"),
    ("search, exact accents", "?q=h%C3%B2a+gi%E1%BA%A3i"),
    ("search, one rare word", "?q=4242"),
    ("sorted by money", "?sort=-resources_money"),
    ("sorted by money, filtered", "?sort=-resources_money&field=economy&level=district"),
    ("sorted by day of registration", "?sort=-registered_on"),
    ("sorted by a choice", "?sort=level"),
    ("sorted by state", "?sort=state"),
    ("sorted by title", "?sort=title"),
    ("range of money", "?resources_money_from=250000000"),
    ("of a province, then", "?period=2024H1&place=37@2024-06-30"),
    ("of a province, now", "?place=37@2026-06-30&reading=now"),
    ("exact counts of two filters", "?field=economy&level=province&part=counts"),
    ("tiles", "?show=tiles"),
    ("tiles of a period, now", "?show=tiles&period=2024H1&reading=now"),
)

if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
