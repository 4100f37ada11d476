"""How long the steps of the first path take, each on its own: `python bench/first_path.py`.

Makes the example in a throw-away home, then measures. Prints a table for docs/benchmarks.md.
"""

from frame import Times, in_a_home_of_its_own

TIMES = 7


def measure() -> None:
    """The steps, in the order of the path."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.test import Client
    from django.utils import translation

    from banyan.figures.rollup import Place, read
    from banyan.ledger import sealer
    from banyan.orgs import shipped
    from banyan.orgs.ancestry import rebuild_below
    from banyan.orgs.finding import find_unit
    from banyan.people.actor import Installer
    from banyan.people.models import Account
    from banyan.reports.writing import word_file
    from banyan.site import demo

    translation.activate("vi")
    times = Times()
    timed = times.of

    timed("take over the shipped tree (11,4xx units)", lambda: shipped.load(by=Installer()), 1)
    root = shipped.loaded()
    assert root is not None
    timed("rebuild the whole closure", lambda: rebuild_below([root.pk], "state"), 3)
    timed("make the example (261 models, 14 reviews)", demo.make_demo, 1)
    timed("seal its events", sealer.seal_all, 1)
    timed("verify the ledger", sealer.verify, 3)
    district = find_unit(demo.PLACE, demo.PERIOD.last).unit
    from banyan.packs.models import Edition

    pack = Edition.objects.of(demo.PROGRAMME).newest_first()[0].pack
    place = Place(district, spec=demo.PLACE)
    reckoning = timed(
        "figures of a district, all axes", lambda: read(pack, place, demo.PERIOD), TIMES
    )
    timed(
        "Word report from figures",
        lambda: word_file(reckoning, language="vi", on=demo.DUE),
        TIMES,
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Account.objects.get(email="minh@vidu.banyan"))
    for name in ("/", "/initiatives/", "/figures/", "/initiatives/1"):
        timed(f"page {name}", lambda name=name: client.get(name), TIMES)
    times.show()


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
