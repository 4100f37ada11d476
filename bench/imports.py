# ruff: noqa: E501, SIM905
"""An office's register of 100,000 rows with 1 % bad cells: `python bench/imports.py` (BENCH_ROWS=100000).

Makes the example in a throw-away home, writes a workbook as a province would send it (XlsxWriter;
1 % of the cells that are checked are wrong), serves the home with `banyan up`, and lets its own
import process take the file in while another officer opens pages over HTTP. Then a second, smaller
file, whose process is killed in the middle. The peer on the same file: `bench/imports_peer.py`.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from frame import in_a_home_of_its_own

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
KILLED = int(os.environ.get("BENCH_KILLED", "20000"))
PORT = os.environ.setdefault("BANYAN_PORT", "8471")
os.environ.setdefault("BANYAN_TODAY", "2024-06-20")
PROVINCE, PERIOD, BAD = "37@2024-06-30", "2024H1", 0.01
WHO_IMPORTS, WHO_WORKS = "mai@vidu.banyan", "binh@vidu.banyan"
PAUSE = 0.3  # seconds that a person looks at a page
HEADINGS = (
    "TT|Tên mô hình, điển hình|Mô hình/Điển hình|Chủ thể|Tên chủ thể|Lĩnh vực|Cấp đăng ký|Huyện|Xã, phường, thị trấn|"
    "Ngày đăng ký|Nội dung, cách làm|Đối tượng|Ngày bắt đầu|Kinh phí (đồng)|Ngày công|Đất hiến (m2)|Năm đăng ký lần đầu|Tình trạng|Ghi chú"
).split("|")
WHAT = (
    "Tuyến đường hoa",
    "Tổ tự quản an ninh",
    "Vườn rau sạch",
    "Camera an ninh",
    "Thu gom rác thải",
)
HOW = ("tự quản", "kiểu mẫu", "xanh, sạch, đẹp", "giúp nhau làm kinh tế", "vì trẻ em", "gắn kết hộ")
BODIES = ("Chi hội Phụ nữ", "Chi đoàn Thanh niên", "Hội Cựu chiến binh", "Ban Công tác Mặt trận")
# Column → what somebody writes there that cannot be taken.
WRONG = {
    2: ("không rõ", "khác"),
    3: ("??", "nhiều"),
    5: ("linh tinh", "chưa phân loại"),
    6: ("liên xã", "?"),
    8: ("Xã Không Có", "Thị trấn Vô Danh"),
    9: ("32/13/2024", "đầu năm"),
    12: ("31/02/2024", "quý 1"),
    13: ("không đáng kể", "nhiều"),
    14: ("toàn xóm", "vài chục"),
    15: ("một ít", "-5"),
    16: ("năm ngoái", "19"),
    17: ("tạm được", "xem sau"),
}


def places() -> list[tuple[str, str]]:
    """(district, commune) of the province, as they are called on the last day of the period."""
    from banyan.kernel.period import Period
    from banyan.orgs.models import Unit

    on = Period.parse(PERIOD).last
    found = []
    for district in Unit.objects.children(province(), on=on).named_on(on):
        for commune in Unit.objects.children(district, on=on).named_on(on):
            found.append((district.name_on(on), commune.name_on(on)))
    return found


def province() -> Any:
    """The unit whose register it is."""
    from banyan.kernel.period import Period
    from banyan.orgs.finding import find_unit

    return find_unit(PROVINCE, Period.parse(PERIOD).last).unit


def write_book(path: Path, rows: int, seed: int) -> int:
    """Write a workbook; how many of its cells are wrong."""
    import xlsxwriter

    dice, wrong = random.Random(seed), 0
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Sổ đăng ký")
    sheet.write_row(
        0,
        0,
        ["SỔ ĐĂNG KÝ MÔ HÌNH, ĐIỂN HÌNH DÂN VẬN KHÉO 6 THÁNG ĐẦU NĂM 2024 (dữ liệu thử nghiệm)"],
    )
    sheet.write_row(2, 0, HEADINGS)
    for n, row in enumerate(_rows(rows, dice), 1):
        cells = [n, *row]
        for column, writings in WRONG.items():
            if dice.random() < BAD:
                cells[column] = dice.choice(writings)
                wrong += 1
        sheet.write_row(n + 2, 0, cells)
    book.close()
    return wrong


def _rows(rows: int, dice: random.Random) -> Iterator[list[Any]]:
    communes = places()
    for n in range(rows):
        district, commune = communes[n % len(communes)]
        day = f"{dice.randint(1, 28):02d}/{dice.randint(1, 6):02d}/2024"
        yield [
            f"{dice.choice(WHAT)} {dice.choice(HOW)} số {n + 1}",
            dice.choice(("Mô hình", "Điển hình", "MH")),
            dice.choice(("Tập thể", "Cá nhân", "TT")),
            f"{dice.choice(BODIES)} {dice.randint(1, 12)}",
            dice.choice(("KT", "VH-XH", "QP-AN", "Xây dựng hệ thống chính trị")),
            dice.choice(("cấp xã", "cấp huyện", "xã")),
            district,
            commune,
            day,
            f"Vận động Nhân dân tham gia, mỗi tháng ra quân {dice.randint(1, 4)} lần, giữ gìn vệ sinh chung. "
            * 2,
            dice.choice(("Hội viên phụ nữ", "Nhân dân trong thôn", "Đoàn viên")),
            day,
            dice.choice(
                (None, f"{dice.randint(1, 400)}.000.000", dice.randint(1, 400) * 1_000_000)
            ),
            dice.choice((None, dice.randint(1, 900))),
            dice.choice((None, None, dice.randint(1, 2_000))),
            dice.choice((None, dice.randint(2_015, 2_024))),
            dice.choice(("Đang thực hiện", "Đã hoàn thành", "Đang TH")),
            dice.choice((None, None, "nt", "Mô hình tiếp tục")),
        ]


class Pages:
    """Another officer's pages, one after the other over HTTP, until told to stop."""

    def __init__(self, cookie: str, urls: tuple[str, ...]) -> None:
        self.cookie, self.urls = cookie, urls
        self.taken: dict[str, list[float]] = {url: [] for url in urls}
        self.going = True
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while self.going:
            for url in self.urls:
                start = time.perf_counter()
                get(url, self.cookie)
                self.taken[url].append((time.perf_counter() - start) * 1000)
                time.sleep(PAUSE)

    def during(self, work: Callable[[], Any]) -> Any:
        """Open pages while something else is done; its answer."""
        self.thread.start()
        try:
            return work()
        finally:
            self.going = False
            self.thread.join()

    def show(self, label: str) -> None:
        """p50, p95, p99 of each page."""
        for url, taken in self.taken.items():
            taken.sort()
            at = [
                f"{taken[min(len(taken) - 1, int(len(taken) * p))]:.0f}" for p in (0.5, 0.95, 0.99)
            ]
            print(f"| {label}: `{url}` ({len(taken)} times) | {' | '.join(at)} |", flush=True)


def get(url: str, cookie: str) -> bytes:
    """One page."""
    headers = {"Cookie": f"sessionid={cookie}", "Accept-Language": "vi"}
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}{url}", headers=headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        body: bytes = answer.read()
        return body


def serve() -> subprocess.Popen[bytes]:
    """`banyan up` in this home, answering."""
    child = subprocess.Popen(
        [sys.executable, "-m", "banyan.site.cli", "up"], stdout=subprocess.DEVNULL
    )
    for _turn in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5)
            return child
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The server does not answer.")


def importers(pk: int) -> list[int]:
    """The processes that work on an import in this home: the first, then the one beside it."""
    found: dict[bool, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            own = f"BANYAN_HOME={os.environ['BANYAN_HOME']}".encode()
            if (
                b"banyan.site.importer" in words
                and str(pk).encode() in words
                and own in (folder / "environ").read_bytes().split(b"\0")
            ):
                found[b"beside" in words] = int(folder.name)
        except OSError:
            continue
    return [found[is_beside] for is_beside in sorted(found)]


def database_cpu() -> float:
    """Seconds of a core that the processes of this home's database have taken, those gone included."""
    from banyan.site import home

    mother = int((home.cluster_folder() / "data" / "postmaster.pid").read_text().split()[0])
    total = 0.0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                told = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(folder.name) == mother:
                total += sum(map(int, told[11:15]))
            elif int(told[1]) == mother:
                total += sum(map(int, told[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


class Run:
    """One file's way in, with what it took."""

    def __init__(self, path: Path) -> None:
        from banyan.documents.operations import Incoming
        from banyan.imports import operations

        self.by = actor(WHO_IMPORTS)
        self.peak, self.killed_at = 0, 0
        self.worked: dict[int, float] = {}
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        self.one = operations.begin(
            province(),
            order=operations.Order(
                "models", {"programme": "dan-van-kheo", "period": PERIOD}, self.by.today
            ),
            file=Incoming(path.name, kind, [path.read_bytes()]),
            by=self.by,
        )

    def until(self, states: tuple[str, ...], kill_after: int = 0) -> float:
        """Wait for a state; seconds. `kill_after` so many lines the process is killed, once."""
        start = time.perf_counter()
        while True:
            self.one.refresh_from_db()
            pids = importers(self.one.pk)
            self.peak = max(self.peak, sum(map(self._weigh, pids)))
            if pids and kill_after and not self.killed_at and self.one.done >= kill_after:
                os.kill(pids[0], signal.SIGKILL)
                self.killed_at = self.one.done
            if self.one.state in states:
                return time.perf_counter() - start
            if self.one.state in ("failed", "asking"):
                raise SystemExit(
                    f"{self.one.state}: {self.one.said} {self.one.found.get('wanting')}"
                )
            time.sleep(0.2)

    def _weigh(self, pid: int) -> int:
        """The megabytes that a process holds now, what several share counted once."""
        try:
            held = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            spent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0
        self.worked[pid] = (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")
        return sum(int(line.split()[1]) for line in held if line.startswith("Pss:")) // 1024

    @property
    def cpu(self) -> float:
        """Seconds of one core that its processes took, those of the database's not counted."""
        return sum(self.worked.values())

    def confirm(self) -> None:
        """Take in what can be."""
        from banyan.imports import operations

        operations.confirm(self.one, by=self.by)


def actor(email: str) -> Any:
    """Somebody of the example, in the first of today's posts."""
    from banyan.people.actor import Actor
    from banyan.people.middleware import today
    from banyan.people.models import Account

    return Actor.in_first_post(Account.objects.get(email=email), today())


def cookie_of(email: str) -> str:
    """The cookie of somebody signed in."""
    from django.test import Client

    from banyan.people.models import Account

    client = Client()
    client.force_login(
        Account.objects.get(email=email),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client.cookies["sessionid"].value


def measure() -> None:
    """Everything."""
    from banyan.site import boot, up

    up.prepare_assets()
    boot.django()
    from django.utils import translation

    from banyan.initiatives.models import Initiative
    from banyan.people.models import Account
    from banyan.site import demo

    translation.activate("vi")
    if not Account.objects.filter(email=WHO_IMPORTS).exists():
        demo.make_demo()
    path = Path(os.environ["BANYAN_HOME"]) / "great.xlsx"
    wrong = write_book(path, ROWS, seed=42)
    print(
        f"{path.name}: {ROWS} rows, {wrong} wrong cells, {path.stat().st_size // 1024} kB, load {os.getloadavg()}",
        flush=True,
    )
    child = serve()
    try:
        model = Initiative.objects.filter(
            unit__in=actor(WHO_WORKS).reach("submission.view")
        ).earliest("pk")
        pages = ("/", "/initiatives/", f"/initiatives/{model.pk}")
        _great(path, pages, Initiative)
        _killed(path.with_name("killed.xlsx"), Initiative)
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


def _great(path: Path, urls: tuple[str, ...], Initiative: Any) -> None:
    cookie, before = cookie_of(WHO_WORKS), Initiative.objects.count()
    for url in urls * 3:
        get(url, cookie)
    quiet = Pages(cookie, urls)
    quiet.during(lambda: time.sleep(40))
    quiet.show("nothing else going on")
    run = Run(path)
    reading = Pages(cookie, urls)
    read = reading.during(lambda: run.until(("ready",)))
    print(f"read and staged: {read:.1f} s; {run.one.counts}; peak {run.peak} MB", flush=True)
    print(f"reading took {run.cpu:.1f} s of a core", flush=True)
    reading.show("while it is read")
    base = database_cpu()
    read_cpu = run.cpu
    run.confirm()
    taking = Pages(cookie, urls)
    took = taking.during(lambda: run.until(("done",)))
    taking.show("while it is taken in")
    made = Initiative.objects.count() - before
    spent = f"{run.cpu - read_cpu:.1f} s of a core, the database's {database_cpu() - base:.1f} s"
    print(
        f"taken in: {took:.1f} s, {made} models; {run.one.counts}; peak {run.peak} MB", flush=True
    )
    print(f"taking in took {spent}", flush=True)
    print(f"in all {read + took:.1f} s, load {os.getloadavg()}", flush=True)


def _killed(path: Path, Initiative: Any) -> None:
    from banyan.imports.models import StagedLine

    write_book(path, KILLED, seed=7)
    before = Initiative.objects.count()
    run = Run(path)
    run.until(("ready",))
    wanted = run.one.counts["new"]
    run.confirm()
    spent = run.until(("done",), kill_after=KILLED // 3)
    made = Initiative.objects.count() - before
    taken = StagedLine.objects.filter(job=run.one, outcome="new", became="taken")
    once = taken.values("thing").distinct().count()
    assert (made, once) == (wanted, wanted), (made, once, wanted)
    print(
        f"killed after {run.killed_at} of {wanted}, done in {spent:.1f} s: {made} models, each once",
        flush=True,
    )


if __name__ == "__main__":
    in_a_home_of_its_own(__file__, measure)
