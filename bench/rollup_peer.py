# ruff: noqa: E501, SIM905
"""The peer and the floors of `bench/rollup.py`: DHIS2's analytics tables, a static roll-up, Parquet.

DHIS2's shape is re-created in plain PostgreSQL from its described structure (dhis2-core, 2026-08-21):
values as text, resource tables, one analytics table a year by inheritance with a column for every level
and every type of period, one B-tree for every dimension column. Its queries are sent as it sends them,
with literal lists. It is our own SQL, no copy of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

YEARS = (2024, 2025)
PERIOD_COLUMNS = (
    "daily weekly weeklywednesday weeklythursday weeklyfriday weeklysaturday weeklysunday biweekly"
    " monthly bimonthly quarterly quarterlynov sixmonthly sixmonthlyapril sixmonthlynov yearly"
    " financialfeb financialapril financialjuly financialaug financialsep financialoct financialnov"
).split()
INDEXED = (
    "dx|dx,co|dx,ao|pestartdate|peenddate|year|pe|ou|oulevel|id|uidlevel1|uidlevel2|uidlevel3|uidlevel4"
    "|uidlevel5|" + "|".join(PERIOD_COLUMNS) + "|sourceid|periodid|categoryoptioncomboid"
    "|attributeoptioncomboid|dataelementid|petype|path"
).split("|")


@dataclass(frozen=True)
class Size:
    """How many units of each level under one another, elements and options of their one axis."""

    provinces: int
    districts: int
    communes: int
    villages: int
    elements: int = 10
    options: int = 2

    @property
    def leaves(self) -> int:
        """How many villages there are: each states every element monthly for two years."""
        return self.provinces * self.districts * self.communes * self.villages

    @property
    def values(self) -> int:
        """How many values that makes."""
        return self.leaves * 24 * self.elements * self.options


SIZES = {
    "1": Size(10, 10, 7, 3),
    "23": Size(34, 30, 12, 4),
    "0": Size(3, 4, 3, 2),
    "50": Size(34, 30, 13, 8),
}

SOURCE = """
DROP SCHEMA IF EXISTS d2 CASCADE; CREATE SCHEMA d2; SET search_path = d2, public;
CREATE TABLE organisationunit (organisationunitid bigint PRIMARY KEY, uid char(11) UNIQUE NOT NULL,
    name text, level int, parentid bigint);
INSERT INTO organisationunit SELECT id, 'U' || lpad(id::text, 10, '0'), 'L' || level || '-' || id, level, parent
  FROM bench_unit;
CREATE TABLE dataelement (dataelementid bigint PRIMARY KEY, uid char(11) UNIQUE NOT NULL);
INSERT INTO dataelement SELECT g, 'D' || lpad(g::text, 10, '0') FROM generate_series(1, {elements}) g;
CREATE TABLE categoryoptioncombo (id int PRIMARY KEY, uid char(11) NOT NULL);
INSERT INTO categoryoptioncombo SELECT g, 'C' || lpad(g::text, 10, '0') FROM generate_series(1, {options}) g;
CREATE TABLE period (periodid bigint PRIMARY KEY, iso text, startdate date, enddate date);
INSERT INTO period SELECT row_number() OVER (), to_char(d, 'YYYYMM'), d::date, (d + interval '1 month - 1 day')::date
  FROM generate_series(date '2024-01-01', date '2025-12-01', '1 month') d;
CREATE TABLE datavalue (dataelementid int NOT NULL, periodid int NOT NULL, sourceid int NOT NULL,
    categoryoptioncomboid int NOT NULL, attributeoptioncomboid int NOT NULL, value varchar(50000),
    storedby varchar(255), created timestamp NOT NULL, lastupdated timestamp NOT NULL, comment varchar(50000),
    followup boolean, deleted boolean NOT NULL,
    PRIMARY KEY (dataelementid, periodid, sourceid, categoryoptioncomboid, attributeoptioncomboid));
INSERT INTO datavalue SELECT e.dataelementid, p.periodid, o.organisationunitid, c.id, 1,
       bench_value(o.organisationunitid, p.iso::int, e.dataelementid::int, c.id)::text, 'u', now(), now(), NULL, false, false
  FROM dataelement e, period p, categoryoptioncombo c, organisationunit o WHERE o.level = 5;
CREATE INDEX ON datavalue (deleted); CREATE INDEX ON datavalue (lastupdated);
ANALYZE;
"""
RESOURCES = """
SET search_path = d2, public;
CREATE UNLOGGED TABLE analytics_rs_orgunitstructure AS
SELECT o5.organisationunitid, o5.uid AS organisationunituid, 5 AS level,
       '/' || o1.uid || '/' || o2.uid || '/' || o3.uid || '/' || o4.uid || '/' || o5.uid AS path,
       o1.uid AS uidlevel1, o2.uid AS uidlevel2, o3.uid AS uidlevel3, o4.uid AS uidlevel4, o5.uid AS uidlevel5
  FROM organisationunit o5 JOIN organisationunit o4 ON o4.organisationunitid = o5.parentid
  JOIN organisationunit o3 ON o3.organisationunitid = o4.parentid
  JOIN organisationunit o2 ON o2.organisationunitid = o3.parentid
  JOIN organisationunit o1 ON o1.organisationunitid = o2.parentid WHERE o5.level = 5;
ALTER TABLE analytics_rs_orgunitstructure ADD PRIMARY KEY (organisationunitid);
CREATE UNLOGGED TABLE analytics_rs_periodstructure AS
SELECT periodid, iso, enddate - startdate + 1 AS daysno, startdate, enddate, extract(year FROM startdate)::int AS year, {periods}
  FROM period;
ALTER TABLE analytics_rs_periodstructure ADD PRIMARY KEY (periodid);
ANALYZE;
CREATE UNLOGGED TABLE analytics (dx char(11) NOT NULL, co char(11) NOT NULL, ao char(11) NOT NULL, pestartdate date,
    peenddate date, year int NOT NULL, pe text NOT NULL, ou char(11) NOT NULL, oulevel int, id text,
    uidlevel1 char(11), uidlevel2 char(11), uidlevel3 char(11), uidlevel4 char(11), uidlevel5 char(11), {columns},
    sourceid int NOT NULL, periodid int NOT NULL, categoryoptioncomboid int NOT NULL, attributeoptioncomboid int NOT NULL,
    dataelementid int NOT NULL, petype varchar(255), path varchar(255), avg_middle_value float8, percentile_middle_value float8,
    mad float8, std_dev float8, approvallevel int, daysxvalue float8, daysno int NOT NULL, value float8, textvalue text);
"""
_PERIODS = {
    "monthly": "iso",
    "bimonthly": "to_char(startdate, 'YYYY') || lpad(((extract(month FROM startdate)::int + 1) / 2)::text, 2, '0') || 'B'",
    "quarterly": "to_char(startdate, 'YYYY\"Q\"Q')",
    "sixmonthly": "to_char(startdate, 'YYYY') || 'S' || ((extract(month FROM startdate)::int + 5) / 6)",
    "yearly": "to_char(startdate, 'YYYY')",
    "financialfeb": "to_char(startdate - interval '1 month', 'YYYY') || 'Feb'",
    "financialapril": "to_char(startdate - interval '3 month', 'YYYY') || 'April'",
    "financialjuly": "to_char(startdate - interval '6 month', 'YYYY') || 'July'",
    "financialaug": "to_char(startdate - interval '7 month', 'YYYY') || 'Aug'",
    "financialsep": "to_char(startdate - interval '8 month', 'YYYY') || 'Sep'",
    "financialoct": "to_char(startdate - interval '9 month', 'YYYY') || 'Oct'",
    "financialnov": "to_char(startdate - interval '10 month', 'YYYY') || 'Nov'",
}


def source(size: Size) -> str:
    """The tables where DHIS2 keeps what was entered."""
    return SOURCE.format(elements=size.elements, options=size.options)


def build() -> list[str]:
    """What an analytics run does: resource tables, a table a year, 45 indexes on each."""
    periods = ", ".join(
        f"({_PERIODS.get(one, 'NULL::text')})::text AS {one}" for one in PERIOD_COLUMNS
    )
    columns = ", ".join(f"{one} text" for one in PERIOD_COLUMNS)
    steps = [RESOURCES.format(periods=periods, columns=columns)]
    for year in YEARS:
        steps.append(f"""
            SET search_path = d2, public;
            CREATE UNLOGGED TABLE analytics_{year} (CHECK (year = {year}), CHECK (pestartdate < '{year + 1}-01-01')) INHERITS (analytics);
            INSERT INTO analytics_{year}
            SELECT e.uid, c.uid, 'A0000000001', p.startdate, p.enddate, p.year, p.iso, o.organisationunituid, o.level,
                   concat(e.uid, '-', p.iso, '-', o.organisationunituid, '-', c.uid, '-A0000000001'),
                   o.uidlevel1, o.uidlevel2, o.uidlevel3, o.uidlevel4, o.uidlevel5, {", ".join(f"p.{one}" for one in PERIOD_COLUMNS)},
                   v.sourceid, v.periodid, v.categoryoptioncomboid, v.attributeoptioncomboid, v.dataelementid, 'Monthly', o.path,
                   NULL, NULL, NULL, NULL, 0, v.value::float8 * p.daysno, p.daysno, v.value::float8, NULL
              FROM datavalue v JOIN analytics_rs_periodstructure p ON p.periodid = v.periodid
              JOIN dataelement e ON e.dataelementid = v.dataelementid JOIN categoryoptioncombo c ON c.id = v.categoryoptioncomboid
              JOIN analytics_rs_orgunitstructure o ON o.organisationunitid = v.sourceid
             WHERE p.year = {year} AND NOT v.deleted AND v.value ~ '^(-?[0-9]+)(\\.[0-9]+)?$'""")
        steps += [
            f"SET search_path = d2; CREATE INDEX ON analytics_{year} ({one})" for one in INDEXED
        ]
    return [*steps, "SET search_path = d2; ANALYZE"]


@dataclass(frozen=True)
class Asking:
    """One query of an analytics call: elements × units of one level × periods of one type."""

    elements: int
    level: int
    units: Sequence[int] | None
    period: str
    keys: Sequence[str]

    def sql(self) -> str:
        """As DHIS2 sends it: literal lists; one year's table by name, several as a union."""
        years = sorted({int(key[:4]) for key in self.keys})
        rows = " UNION ALL ".join(f"SELECT ap.* FROM analytics_{year} AS ap" for year in years)
        where = f"({rows})" if len(years) > 1 else f"analytics_{years[0]}"
        elements = ", ".join(f"'D{n:010}'" for n in range(1, self.elements + 1))
        units = ", ".join(f"'U{unit:010}'" for unit in self.units or ())
        keys = ", ".join(f"'{key}'" for key in self.keys)
        return f"""SELECT ax.dx, ax.uidlevel{self.level}, ax.{self.period}, sum(value) AS value FROM {where} AS ax
            WHERE ax.dx IN ({elements}) AND ax.uidlevel{self.level} IN ({units}) AND ax.{self.period} IN ({keys})
              AND ax.year IN ({", ".join(map(str, years))}) GROUP BY ax.dx, ax.uidlevel{self.level}, ax.{self.period}"""


STATIC = """
SET search_path = d2, public;
CREATE TABLE unit_closure (ancestor int NOT NULL, descendant int NOT NULL, valid daterange NOT NULL, PRIMARY KEY (descendant, ancestor));
INSERT INTO unit_closure WITH RECURSIVE up AS (SELECT id AS descendant, id AS ancestor, parent FROM bench_unit
    UNION ALL SELECT up.descendant, u.id, u.parent FROM up JOIN bench_unit u ON u.id = up.parent)
    SELECT ancestor, descendant, daterange('2000-01-01', NULL) FROM up;
CREATE TABLE fact (indicator int NOT NULL, unit int NOT NULL, month date NOT NULL, option int NOT NULL, value numeric(18,4) NOT NULL,
    PRIMARY KEY (indicator, unit, month, option));
INSERT INTO fact SELECT v.dataelementid, v.sourceid, p.startdate, v.categoryoptioncomboid, v.value::numeric
  FROM datavalue v JOIN period p USING (periodid);
CREATE TABLE rollup (indicator int NOT NULL, unit int NOT NULL, month date NOT NULL, n int NOT NULL, total numeric(20,4) NOT NULL,
    vmin numeric(18,4), vmax numeric(18,4), PRIMARY KEY (indicator, unit, month));
INSERT INTO rollup SELECT f.indicator, c.ancestor, f.month, count(*), sum(f.value), min(f.value), max(f.value)
  FROM fact f JOIN unit_closure c ON c.descendant = f.unit AND c.valid @> f.month GROUP BY 1, 2, 3;
ANALYZE fact; ANALYZE rollup; ANALYZE unit_closure;
"""
# The three questions as peers/bench asked the static roll-up: no axis, one reading, nothing open.
STATIC_ASKS = {
    "Q1": "SELECT indicator, unit, month, total FROM d2.rollup WHERE indicator IN (1, 2, 3) AND unit IN (SELECT id FROM bench_unit WHERE level = 2) AND month BETWEEN '2025-01-01' AND '2025-12-01'",
    "Q2": "SELECT indicator, unit, date_trunc('year', month), sum(total) FROM d2.rollup WHERE indicator IN (1, 2, 3) AND unit IN (SELECT id FROM bench_unit WHERE level = 3) GROUP BY 1, 2, 3",
    "Q3": "SELECT indicator, unit, date_trunc('year', month), sum(total) FROM d2.rollup WHERE indicator IN (1, 2, 3) AND unit = 1 GROUP BY 1, 2, 3",
}


class Parquet:
    """DuckDB over Parquet on the same machine: what the disk and two cores can do without an index."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.base: Any = duckdb.connect()
        self.base.execute("SET threads = 2")
        self.files = folder

    def take(self, rows: Path) -> None:
        """Make the file from a CSV of (element, option, month, unit, its four ancestors, value)."""
        self.base.execute(
            f"COPY (SELECT * FROM read_csv('{rows}', header=false, names=['dx', 'co', 'month', 'l1', 'l2', 'l3', 'l4', 'l5', 'value']))"
            f" TO '{self.files}/values.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )

    def ask(self, asked: Asking) -> list[Any]:
        """The same question."""
        cut = "month // 100" if asked.period == "yearly" else "month"
        if asked.period == "quarterly":
            cut = "month // 100 || 'Q' || ((month % 100 + 2) // 3)"
        keys = ", ".join(f"'{key}'" for key in asked.keys)
        units = f"AND l{asked.level} IN ({', '.join(map(str, asked.units or ()))})"
        found: list[Any] = self.base.execute(
            f"SELECT dx, l{asked.level}, {cut}, sum(value) FROM '{self.files}/values.parquet'"
            f" WHERE dx <= {asked.elements} AND ({cut})::varchar IN ({keys}) {units} GROUP BY ALL"
        ).fetchall()
        return found
