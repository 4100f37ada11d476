"""How offices head the columns of their lists of units, codes and people."""

CODES: tuple[str, ...] = ("Mã đơn vị", "Mã ĐVHC", "Mã đơn vị hành chính", "Mã xã", "Mã số", "Mã")
CODES += ("Mã cũ", "Mã hiện tại", "Mã phường xã", "Mã ĐV", "Unit code", "Code", "Old code")

UNITS: tuple[str, ...] = ("Đơn vị", "Tên đơn vị", "Xã, phường, thị trấn", "Xã, phường", "Tên xã")
UNITS += ("Xã", "Phường", "Tên đơn vị hành chính", "Xã/phường", "Đơn vị công tác", "Nơi công tác")
UNITS += ("Địa phương", "Cơ quan", "Cơ quan, đơn vị", "Unit", "Commune")

WITHIN: tuple[str, ...] = ("Huyện", "Quận, huyện", "Tên huyện", "Thuộc huyện", "Quận/huyện")
WITHIN += ("Huyện, thị xã, thành phố", "Thuộc tỉnh", "Tỉnh", "Tỉnh, thành phố", "Tên tỉnh")
WITHIN += ("District", "Province")

NAMES: tuple[str, ...] = ("Tên đơn vị", "Tên xã", "Tên thôn", "Tên", "Đơn vị", "Tên gọi", "Thôn")
NAMES += ("Tên đơn vị hành chính", "Tên thôn, tổ dân phố", "Thôn, tổ dân phố", "Tên tổ chức")
NAMES += ("Xã, phường, thị trấn", "Tên chi bộ", "Name", "Unit", "Name of the unit")

KINDS: tuple[str, ...] = ("Loại", "Loại đơn vị", "Loại hình", "Cấp", "Cấp đơn vị", "Kind", "Type")

PARENTS: tuple[str, ...] = (
    "Đơn vị cấp trên",
    "Thuộc đơn vị",
    "Cấp trên",
    "Trực thuộc",
    "Thuộc xã",
    "Xã",
)
PARENTS += ("Đơn vị cấp trên trực tiếp", "Thuộc", "Đơn vị chủ quản", "Thuộc huyện", "Huyện")
PARENTS += ("Quận, huyện", "Tên huyện", "Parent", "Unit above", "Parent unit", "District")

PARENT_CODES: tuple[str, ...] = ("Mã cấp trên", "Mã đơn vị cấp trên", "Mã huyện", "Mã cha")
PARENT_CODES += ("Mã đơn vị chủ quản", "Parent code", "Code of the unit above", "District code")

ABOVE_PARENTS: tuple[str, ...] = ("Tỉnh", "Tỉnh, thành phố", "Tên tỉnh", "Thuộc tỉnh", "Province")

NEW_CODES: tuple[str, ...] = ("Mã mới", "Mã được cấp", "Mã định danh", "Mã theo danh mục mới")
NEW_CODES += ("Mã cấp mới", "New code")

PERSONS: tuple[str, ...] = (
    "Họ và tên",
    "Họ tên",
    "Họ, tên",
    "Tên cán bộ",
    "Cán bộ",
    "Họ và tên cán bộ",
)
PERSONS += ("Họ và chữ đệm và tên", "Full name", "Name", "Person")

ROLES: tuple[str, ...] = (
    "Vai trò",
    "Quyền",
    "Vai trò trên hệ thống",
    "Nhiệm vụ trên hệ thống",
    "Role",
)

POSTS: tuple[str, ...] = ("Chức vụ", "Chức danh", "Chức vụ, chức danh", "Chức vụ/chức danh")
POSTS += ("Vị trí công tác", "Position", "Title of the post", "Title")

PHONES: tuple[str, ...] = ("Điện thoại", "Số điện thoại", "SĐT", "Di động", "Điện thoại di động")
PHONES += ("Số ĐT", "ĐT", "Telephone", "Phone", "Telephone number")

EMAILS: tuple[str, ...] = ("Thư điện tử", "Email", "E-mail", "Địa chỉ email", "Hộp thư điện tử")
EMAILS += ("Địa chỉ thư điện tử", "E-mail address")

BEGINS: tuple[str, ...] = ("Từ ngày", "Ngày bắt đầu", "Ngày bổ nhiệm", "Ngày nhận nhiệm vụ", "From")
BEGINS += ("From the day", "Since")

ENDS: tuple[str, ...] = (
    "Đến ngày",
    "Ngày kết thúc",
    "Ngày thôi giữ chức vụ",
    "To",
    "Until",
    "Last day",
)
