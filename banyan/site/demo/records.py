"""What the example's made-up models are called and say."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from banyan.kernel.period import Period
from banyan.orgs.models import Unit

PERIOD = Period.parse("2024H1")
PLACE = "020@2024-06-30"
NAME = "Thanh Trì (dữ liệu minh họa)"

BODIES = (
    "Hội Liên hiệp Phụ nữ",
    "Hội Nông dân",
    "Hội Cựu chiến binh",
    "Đoàn Thanh niên",
    "Ủy ban Mặt trận Tổ quốc",
    "Công an",
    "Ban Chỉ huy Quân sự",
    "Trường Tiểu học",
    "Trạm Y tế",
    "Hội Chữ thập đỏ",
)
DEEDS = {
    "economy": (
        "Vận động nhân dân hiến đất mở rộng đường",
        "Giúp nhau phát triển kinh tế vườn",
        "Tổ hợp tác rau an toàn",
        "Cánh đồng không dấu chân",
    ),
    "culture_society": (
        "Tuyến đường hoa phụ nữ tự quản",
        "Nhà sạch, vườn đẹp",
        "Dòng họ khuyến học",
        "Tổ tự quản thu gom rác thải nông nghiệp",
        "Nuôi heo đất giúp trẻ em khó khăn",
    ),
    "defence_security": (
        "Camera an ninh khu dân cư",
        "Tiếng kẻng an ninh",
        "Khu dân cư không có tội phạm",
    ),
    "political_system": (
        "Chính quyền thân thiện, vì nhân dân phục vụ",
        "Ngày thứ bảy cùng dân",
        "Đối thoại với nhân dân hằng quý",
    ),
}
WEIGHTS = {"economy": 5, "culture_society": 7, "defence_security": 3, "political_system": 3}


@dataclass(frozen=True)
class Entry:
    """Who registers a model, where, and at which level."""

    unit: Unit
    kind: str
    name: str
    level: str


def any_field(dice: random.Random) -> str:
    """A field of work, the usual ones more often."""
    kinds = list(WEIGHTS)
    return dice.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]


def answers_of(
    entry: Entry, field: str, dice: random.Random, period: Period = PERIOD
) -> dict[str, Any]:
    """Made-up answers of one model; without a field of work its deed is of any, and none is said."""
    households = dice.randint(18, 320)
    day = period.first + timedelta(days=dice.randint(9, 150))
    deed = dice.choice(DEEDS[field or any_field(dice)])
    said: dict[str, Any] = {
        "title": f"{deed} tại thôn {dice.randint(1, 9)}",
        "kind_of": "exemplar" if entry.kind == "individual" else "model",
        "registrant_kind": entry.kind,
        "registrant_name": entry.name,
        "level": entry.level,
        "registered_on": day.isoformat(),
        "continuing": dice.random() < 0.2,
        "resources_money": dice.randint(4, 180) * 500_000,
        "beneficiary_households": households,
    }
    return said | {"field": field} if field else said


GROUPS = ("hội viên phụ nữ", "hộ dân trong thôn", "đoàn viên thanh niên", "hội viên nông dân")
STEPS = (
    "Họp dân bàn bạc, thống nhất cách làm và mức đóng góp trước khi bắt tay vào việc",
    "Chia thành từng tổ, phân công mỗi hộ phụ trách một đoạn ngay trước cửa nhà mình",
    "Chi bộ nhận phần việc khó nhất, đảng viên làm trước để bà con trông vào mà theo",
    "Công khai thu chi hằng tháng tại nhà văn hóa, ai hỏi khoản nào được giải thích khoản đó",
    "Mỗi tuần dành buổi chiều thứ bảy cùng làm, có điểm danh và chụp ảnh lưu lại",
    "Hội viên lớn tuổi hướng dẫn cách ươm cây, thanh niên nhận đào hố và vận chuyển",
    "Nhà trường đưa nội dung vào giờ sinh hoạt, học sinh về kể lại với cha mẹ",
    "Lắp bảng theo dõi ở đầu ngõ, ghi rõ ngày thu gom và người trực trong tuần",
    "Mời cán bộ khuyến nông về tận ruộng giảng giải từng khâu chăm bón",
    "Vận động con em xa quê góp thêm kinh phí, gửi lời cảm ơn tới từng gia đình",
    "Ký cam kết giữa các hộ, ba tháng rà soát một lần và nhắc nhở hộ chưa làm",
    "Tổ hòa giải đến từng nhà còn vướng mắc, nghe trước rồi mới bàn cách tháo gỡ",
)


def more_of(answers: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """What a fuller registration says beside the usual answers, made up like them."""
    begins = date.fromisoformat(answers["registered_on"]) + timedelta(days=dice.randint(3, 15))
    said: dict[str, Any] = {
        "target_group": dice.choice(GROUPS),
        "begins_on": begins.isoformat(),
        "resources_labour": dice.randint(2, 40) * 10,
        "beneficiary_people": answers["beneficiary_households"] * dice.randint(3, 4),
    }
    if dice.random() < 0.35:
        said["content"] = f"{'. '.join(dice.sample(STEPS, 4))}. (Nội dung minh họa.)"
    if dice.random() < 0.15:
        said["resources_land"] = dice.randint(4, 60) * 5
    return said


def small(name: str) -> str:
    """An official name within a sentence: `Xã Tứ Hiệp` → `xã Tứ Hiệp`."""
    return name[:1].lower() + name[1:]
