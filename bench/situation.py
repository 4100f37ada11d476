"""How long the page of the situation takes on the example: `python bench/situation.py`.

The floor beside it: the totals alone, by one plain statement over the same records, which knows no
units in time, no year before, no rows by unit and no decisions. Prints a table for
docs/benchmarks.md.
"""

from frame import Times, in_a_home_of_its_own

FLOOR = """
SELECT count(*), count(*) FILTER (WHERE s.state = 'completed')
FROM initiatives_initiative i
JOIN submissions_submission s ON s.id = i.submission_id
JOIN submissions_round r ON r.id = s.round_id
JOIN orgs_ancestry a ON a.unit_id = i.unit_id AND a.tree = 'state' AND a.valid @> s.counts_on
WHERE r.span <@ '[2024-01-01,2024-07-01)' AND a.ancestor_id = %s
"""
TIMES = 15


def measure() -> None:
    """The page of a district, of a province and of the country, and its Word file."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.db import connection
    from django.test import Client
    from django.utils import translation

    from banyan.figures.views import place_of
    from banyan.people.models import Account
    from banyan.site import demo

    translation.activate("vi")
    demo.make_demo()
    times, district = Times(), place_of(demo.PLACE, demo.PERIOD).unit.pk

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [district])
            cursor.fetchone()

    def client(name: str) -> Client:
        made = Client(SERVER_NAME="127.0.0.1")
        made.force_login(Account.objects.get(email=f"{name}@vidu.banyan"))
        return made

    times.of("  floor: two totals of the district, one plain statement", floor, TIMES)
    period = f"period={demo.PERIOD.key}"
    for label, who, query in (
        ("situation of Thanh Trì, then", "hung", f"place={demo.PLACE}&{period}"),
        ("situation of Thanh Trì, now", "hung", f"place={demo.PLACE}&{period}&reading=now"),
        ("situation of Ninh Bình province", "mai", period),
        ("situation of the whole country", "thu", period),
        ("figures of Thanh Trì, for comparison", "hung", f"place={demo.PLACE}&{period}"),
    ):
        reader = client(who)
        path = "/figures/" if label.startswith("figures") else "/situation/"
        answer = reader.get(f"{path}?{query}")
        assert answer.status_code == 200, label
        times.of(label, lambda r=reader, p=path, q=query: r.get(f"{p}?{q}"), TIMES)
    reader = client("hung")
    times.of("its Word file", lambda: reader.get(f"/situation/word?{period}"), TIMES)
    times.show()


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
