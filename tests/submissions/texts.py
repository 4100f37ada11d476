"""Descriptions of models as officials write them, in labelled pairs. All synthetic.

FIRST and SECOND of one subject were written independently; COPIED is FIRST as a neighbour hands it
in: other places, other numbers, a phrase or two of his own.
"""

FIRST = {
    "road": "Chi hội Phụ nữ thôn Bến Mẫu, xã Đồi Mẫu vận động 42 hộ hội viên trồng và chăm sóc tuyến "
    "đường hoa dài 1,2 km. Mỗi hộ nhận chăm sóc đoạn đường trước cửa nhà, chiều thứ bảy hằng tuần "
    "cùng ra quân làm cỏ, tưới nước, thay cây hỏng. Kinh phí mua cây giống do hội viên đóng góp "
    "12 triệu đồng. Đến nay tuyến đường luôn xanh, sạch, đẹp, không còn tình trạng đổ rác ven đường.",
    "waste": "Chi bộ chỉ đạo các đoàn thể hướng dẫn 120 hộ dân phân loại rác tại nguồn. Rác hữu cơ được "
    "ủ bằng chế phẩm vi sinh làm phân bón cho vườn, rác tái chế gom vào ngôi nhà xanh đặt tại nhà văn hóa "
    "để bán gây quỹ giúp học sinh nghèo. Sau sáu tháng lượng rác phải thu gom giảm một nửa, quỹ thu được "
    "18 triệu đồng, trao 25 suất quà nhân dịp năm học mới.",
    "clearance": "Tổ vận động gồm bí thư chi bộ, trưởng ban công tác mặt trận và người có uy tín đến từng nhà "
    "giải thích chủ trương mở rộng đường trục thôn. Bà con được xem bản vẽ, góp ý hướng tuyến và giám sát "
    "việc đo đạc. Kết quả 35 hộ tự nguyện hiến 1.850 m² đất, tháo dỡ tường rào, không hộ nào khiếu nại, "
    "công trình bàn giao mặt bằng trước hạn hai tháng.",
    "camera": "Công an xã phối hợp với Mặt trận vận động nhân dân và doanh nghiệp đóng góp lắp 24 mắt camera "
    "an ninh tại các ngã ba, cổng trường, nhà văn hóa. Hình ảnh truyền về trực ban công an xã, mỗi thôn cử "
    "hai người theo dõi. Từ khi có camera, các vụ trộm cắp vặt giảm hẳn, ba vụ được làm rõ nhờ hình ảnh, "
    "nhân dân yên tâm lao động sản xuất.",
    "loans": "Hội Nông dân thành lập tổ góp vốn quay vòng gồm 30 thành viên, mỗi tháng mỗi người góp 500 nghìn "
    "đồng để lần lượt cho ba hộ khó khăn vay không lãi mua bò giống. Cán bộ hội hướng dẫn cách làm chuồng, "
    "trồng cỏ, phòng bệnh. Sau hai năm đã có 21 hộ được vay, 9 hộ thoát nghèo, đàn bò của thôn tăng lên 64 con.",
    "digital": "Đoàn Thanh niên thành lập tổ công nghệ số cộng đồng, tối thứ tư và thứ sáu hằng tuần trực tại nhà "
    "văn hóa giúp bà con cài đặt định danh điện tử, nộp hồ sơ dịch vụ công, thanh toán tiền điện không dùng "
    "tiền mặt. Đoàn viên đến tận nhà hướng dẫn người cao tuổi. Đến nay 86% người trưởng thành trong thôn đã "
    "có tài khoản và biết tự nộp hồ sơ trên điện thoại.",
    "funeral": "Ban công tác mặt trận phối hợp Chi hội Người cao tuổi đưa việc cưới, việc tang văn minh vào quy ước. "
    "Đám tang không để quá 48 giờ, không rải vàng mã trên đường, vòng hoa luân chuyển dùng chung; đám cưới tổ "
    "chức trong một ngày, mời không quá 40 mâm. Toàn bộ 17 đám tang và 22 đám cưới trong năm đều thực hiện "
    "đúng, mỗi đám tiết kiệm từ 20 đến 30 triệu đồng.",
    "rice": "Hợp tác xã cùng chi bộ vận động các hộ dồn điền đổi thửa, gieo cùng một giống lúa chất lượng cao, cùng "
    "trà, cùng quy trình trên cánh đồng 45 ha. Doanh nghiệp ký hợp đồng bao tiêu từ đầu vụ, hợp tác xã lo làm đất, "
    "nước tưới và máy gặt. Năng suất đạt 68 tạ một ha, giá bán cao hơn lúa thường 15%, thu nhập của 210 hộ tăng rõ.",
    "school": "Hội Khuyến học và nhà trường xây dựng mô hình tiếng trống học bài: đúng 19 giờ 30 loa thôn phát hồi trống, "
    "các gia đình tắt ti vi, nhắc con em ngồi vào bàn học. Tổ tự quản gồm cựu giáo chức đi nhắc nhở, kèm cặp học "
    "sinh yếu. Sau một năm học, thôn không còn học sinh bỏ học, số em đạt giải cấp huyện tăng từ 3 lên 11 em.",
    "one_door": "Bộ phận một cửa của xã thực hiện ngày thứ năm không hẹn: hồ sơ chứng thực, hộ tịch đơn giản nhận buổi "
    "sáng trả trong buổi sáng, lãnh đạo trực ký tại chỗ. Cán bộ gửi lời xin lỗi bằng văn bản khi trễ hạn, đến nhà "
    "làm thủ tục cho người già yếu, khuyết tật. Tỷ lệ giải quyết đúng hạn đạt 99,8%, phiếu hài lòng đạt 97%.",
    "faith": "Ban hành giáo và chi hội phụ nữ giáo xứ ký giao ước xứ họ đạo bình yên, gia đình văn hóa: không có người "
    "nghiện, không gây rối, không vi phạm giao thông. Sau mỗi buổi lễ, linh mục dành ít phút nhắc giáo dân chấp "
    "hành pháp luật, giúp nhau làm kinh tế. Ba năm liền họ đạo không có vụ việc hình sự, 95% gia đình đạt chuẩn văn hóa.",
    "water": "Hội Cựu chiến binh nhận tự quản đoạn kênh dài 2,4 km chảy qua khu dân cư. Mỗi tháng hai lần hội viên vớt "
    "bèo, nạo vét bùn, phát quang bờ kênh; các hộ ven kênh cam kết không xả nước thải và xác gia súc. Nước kênh đã "
    "thông thoáng trở lại, vụ mùa vừa qua 60 ha lúa cuối nguồn không còn bị hạn.",
}

SECOND = {
    "road": "Nhằm xây dựng cảnh quan nông thôn mới, phụ nữ toàn xã đảm nhận trang trí các trục đường chính bằng hoa mười "
    "giờ, chiều tím và ngũ sắc. Chị em tự ươm giống trong vườn nhà, chia nhau từng đoạn, treo biển tên tổ phụ trách. "
    "Hội tổ chức chấm điểm mỗi quý, tổ nào để cỏ mọc thì phải làm lại. Khách qua đường dừng chụp ảnh, bà con phấn khởi.",
    "waste": "Trước đây rác sinh hoạt bị vứt bừa bãi ở bờ mương. Hội Phụ nữ phát cho mỗi gia đình hai thùng khác màu, "
    "tập huấn cách tách thức ăn thừa khỏi ni lông và chai lọ. Chai nhựa được đổi lấy cây xanh, vỏ hộp sữa làm chậu "
    "hoa cho trường mầm non. Nay ngõ xóm sạch sẽ, xe gom rác chỉ còn đến hai buổi một tuần.",
    "clearance": "Dự án khu đô thị liên quan đến nhiều hộ sản xuất lâu năm nên lúc đầu người dân chưa đồng thuận. Cấp ủy "
    "phân công đảng viên phụ trách nhóm hộ, tổ chức bốn hội nghị đối thoại công khai giá bồi thường, đưa bà con đi "
    "thăm nơi tái định cư. Các vướng mắc được trả lời bằng văn bản, nhờ vậy toàn bộ diện tích được nhận tiền, giao đất.",
    "camera": "Từ nguồn xã hội hóa, khu dân cư gắn đèn chiếu sáng kèm thiết bị ghi hình dọc các ngõ, đấu nối vào điện "
    "thoại của tổ trưởng và cảnh sát khu vực. Quy chế quản lý dữ liệu được dân bàn và niêm yết. Khi có người lạ, tổ "
    "bảo vệ nhận cảnh báo và kiểm tra ngay, trật tự công cộng chuyển biến, không còn thanh niên tụ tập khuya.",
    "loans": "Phong trào nuôi heo đất tiết kiệm được chị em hưởng ứng, mỗi ngày bỏ vài nghìn đồng, cuối năm mổ heo lấy "
    "tiền mua con giống tặng gia đình neo đơn. Ngoài ra tổ liên kết chăn nuôi còn đứng ra tín chấp ngân hàng chính sách, "
    "giới thiệu đầu ra cho gà đồi và dê. Nhiều phụ nữ đơn thân đã có việc làm và sửa được nhà.",
    "digital": "Hưởng ứng bình dân học vụ số, chi đoàn mở lớp học ngắn vào cuối tuần cho tiểu thương chợ, dạy tạo mã QR, "
    "bán hàng trên mạng và nhận biết lừa đảo. Mỗi đoàn viên kèm một gia đình cho đến khi thành thạo. Hiện phần lớn "
    "quầy hàng nhận chuyển khoản, bà con biết tra cứu bảo hiểm và đặt lịch khám bệnh qua mạng.",
    "funeral": "Chi bộ ra nghị quyết chuyên đề về tiết kiệm trong hiếu, hỷ, đảng viên gương mẫu làm trước. Gia đình có "
    "người mất được khuyến khích hỏa táng, khách viếng thắp hương chung, bỏ cỗ bàn linh đình. Lễ thành hôn dùng tiệc "
    "trà tại hội trường, cô dâu chú rể trồng cây lưu niệm. Dư luận đồng tình, tục lệ tốn kém lùi dần.",
    "rice": "Nông dân tham gia mô hình lúa hữu cơ không dùng thuốc trừ cỏ, thả vịt và bón phân chuồng hoai mục. Nhật ký đồng "
    "ruộng được ghi hằng ngày, tổ giám sát lấy mẫu đất, nước kiểm tra chéo. Gạo có mã vùng trồng, đóng túi mang nhãn "
    "riêng, bán qua cửa hàng nông sản sạch; người trồng giữ được sức khỏe và đất không bạc màu.",
    "school": "Dòng họ hiếu học lập quỹ từ tiền công đức, dịp giỗ tổ trao thưởng cho con cháu đỗ đạt và đỡ đầu trẻ mồ côi. "
    "Tủ sách đặt ở nhà thờ họ mở cửa ngày nghỉ, sinh viên về hè dạy tiếng Anh miễn phí cho các em nhỏ. Tinh thần ấy "
    "lan sang các họ khác, cả làng thi đua học tập suốt đời.",
    "one_door": "Chính quyền thân thiện bắt đầu từ nụ cười và bốn xin, bốn luôn. Phòng tiếp dân có nước uống, góc đọc sách, "
    "máy tính cho người dân tự tra cứu. Mỗi công chức đeo thẻ, công khai số điện thoại; hòm thư góp ý được mở hằng tuần "
    "trước sự chứng kiến của Mặt trận. Người dân đánh giá thái độ phục vụ tiến bộ nhiều so với trước.",
    "faith": "Đồng bào có đạo và không có đạo cùng nhau dựng nhà đại đoàn kết, làm đường, thu hoạch lúa giúp nhà neo "
    "người. Dịp Giáng sinh, chính quyền đến chúc mừng; ngày lễ lớn của đất nước, nhà thờ treo cờ Tổ quốc. Hội đồng mục "
    "vụ tham gia hòa giải mâu thuẫn ngay từ cơ sở nên khu dân cư thuận hòa.",
    "water": "Câu lạc bộ bảo vệ dòng sông quê hương ra đời từ sáng kiến của thanh niên, thuyền thu gom rác chạy vào sáng chủ "
    "nhật. Điểm xả trộm được chụp ảnh gửi về nhóm, cán bộ môi trường xuống xử lý. Học sinh vẽ tranh tường ven bờ tuyên "
    "truyền không vứt rác, cá tôm đã xuất hiện trở lại.",
}

COPIED = {
    "road": "Chi hội Phụ nữ thôn Đông Giả, xã Cầu Giả vận động 57 hộ hội viên trồng và chăm sóc tuyến đường hoa dài 900 m. "
    "Mỗi hộ nhận chăm sóc đoạn đường trước cửa nhà, chiều chủ nhật hằng tuần cùng ra quân làm cỏ, tưới nước, thay cây "
    "hỏng. Kinh phí mua cây giống do hội viên đóng góp 9,5 triệu đồng. Đến nay tuyến đường luôn xanh, sạch, đẹp, không "
    "còn tình trạng đổ rác ven đường.",
    "waste": "Chi bộ xóm 7 chỉ đạo các đoàn thể hướng dẫn 86 hộ dân phân loại rác tại nguồn. Rác hữu cơ được ủ bằng chế phẩm "
    "vi sinh làm phân bón cho vườn, rác tái chế gom vào ngôi nhà xanh đặt tại nhà văn hóa để bán gây quỹ giúp học sinh "
    "nghèo. Sau bốn tháng lượng rác phải thu gom giảm một nửa, quỹ thu được 11 triệu đồng, trao 14 suất quà nhân dịp "
    "năm học mới.",
    "clearance": "Tổ vận động gồm bí thư chi bộ, trưởng ban công tác mặt trận và người có uy tín đến từng nhà giải thích chủ "
    "trương mở rộng đường liên xóm. Bà con được xem bản vẽ, góp ý hướng tuyến và giám sát việc đo đạc. Kết quả 19 hộ tự "
    "nguyện hiến 730 m² đất, tháo dỡ tường rào, không hộ nào khiếu nại, công trình bàn giao mặt bằng trước hạn một tháng.",
    "camera": "Công an phường phối hợp với Mặt trận vận động nhân dân và doanh nghiệp đóng góp lắp 31 mắt camera an ninh tại "
    "các ngã ba, cổng trường, nhà văn hóa. Hình ảnh truyền về trực ban công an phường, mỗi tổ dân phố cử hai người theo "
    "dõi. Từ khi có camera, các vụ trộm cắp vặt giảm hẳn, năm vụ được làm rõ nhờ hình ảnh, nhân dân yên tâm làm ăn.",
    "loans": "Hội Nông dân xã Sông Thử thành lập tổ góp vốn quay vòng gồm 24 thành viên, mỗi tháng mỗi người góp 300 nghìn đồng để "
    "lần lượt cho hai hộ khó khăn vay không lãi mua bò giống. Cán bộ hội hướng dẫn cách làm chuồng, trồng cỏ, phòng "
    "bệnh. Sau ba năm đã có 18 hộ được vay, 7 hộ thoát nghèo, đàn bò của xóm tăng lên 51 con.",
    "digital": "Đoàn Thanh niên thành lập tổ công nghệ số cộng đồng, tối thứ ba và thứ năm hằng tuần trực tại nhà văn hóa giúp bà "
    "con cài đặt định danh điện tử, nộp hồ sơ dịch vụ công, thanh toán tiền điện không dùng tiền mặt. Đoàn viên đến tận "
    "nhà hướng dẫn người cao tuổi. Đến nay 91% người trưởng thành trong xóm đã có tài khoản và biết tự nộp hồ sơ trên "
    "điện thoại.",
    "funeral": "Ban công tác mặt trận thôn Tây Thử phối hợp Chi hội Người cao tuổi đưa việc cưới, việc tang văn minh vào quy ước. Đám "
    "tang không để quá 36 giờ, không rải vàng mã trên đường, vòng hoa luân chuyển dùng chung; đám cưới tổ chức trong một "
    "ngày, mời không quá 30 mâm. Toàn bộ 9 đám tang và 12 đám cưới trong năm đều thực hiện đúng, mỗi đám tiết kiệm từ 15 "
    "đến 25 triệu đồng.",
    "rice": "Hợp tác xã Mẫu Sơn cùng chi bộ vận động các hộ dồn điền đổi thửa, gieo cùng một giống lúa chất lượng cao, cùng trà, "
    "cùng quy trình trên cánh đồng 30 ha. Doanh nghiệp ký hợp đồng bao tiêu từ đầu vụ, hợp tác xã lo làm đất, nước tưới và "
    "máy gặt. Năng suất đạt 71 tạ một ha, giá bán cao hơn lúa thường 12%, thu nhập của 140 hộ tăng rõ.",
    "school": "Hội Khuyến học xã Đồng Giả và nhà trường xây dựng mô hình tiếng trống học bài: đúng 20 giờ loa xóm phát hồi trống, các "
    "gia đình tắt ti vi, nhắc con em ngồi vào bàn học. Tổ tự quản gồm cựu giáo chức đi nhắc nhở, kèm cặp học sinh yếu. Sau "
    "một năm học, xóm không còn học sinh bỏ học, số em đạt giải cấp tỉnh tăng từ 1 lên 4 em.",
    "one_door": "Bộ phận một cửa của phường thực hiện ngày thứ ba không hẹn: hồ sơ chứng thực, hộ tịch đơn giản nhận buổi sáng trả "
    "trong buổi sáng, lãnh đạo trực ký tại chỗ. Cán bộ gửi lời xin lỗi bằng văn bản khi trễ hạn, đến nhà làm thủ tục cho "
    "người già yếu, khuyết tật. Tỷ lệ giải quyết đúng hạn đạt 99,1%, phiếu hài lòng đạt 95%.",
    "faith": "Ban hành giáo và chi hội phụ nữ giáo xứ Thử Tâm ký giao ước xứ họ đạo bình yên, gia đình văn hóa: không có người nghiện, "
    "không gây rối, không vi phạm giao thông. Sau mỗi buổi lễ, linh mục dành ít phút nhắc giáo dân chấp hành pháp luật, giúp "
    "nhau làm kinh tế. Năm năm liền họ đạo không có vụ việc hình sự, 92% gia đình đạt chuẩn văn hóa.",
    "water": "Hội Cựu chiến binh xã Suối Giả nhận tự quản đoạn mương dài 3,1 km chảy qua khu dân cư. Mỗi tháng hai lần hội viên vớt bèo, "
    "nạo vét bùn, phát quang bờ mương; các hộ ven mương cam kết không xả nước thải và xác gia súc. Nước mương đã thông "
    "thoáng trở lại, vụ xuân vừa qua 45 ha lúa cuối nguồn không còn bị hạn.",
}

OPENING = (
    "Thực hiện sự chỉ đạo của cấp ủy, chính quyền và hướng dẫn của khối dân vận, đơn vị đã xây dựng kế hoạch, phân công "
    "nhiệm vụ cụ thể, tuyên truyền sâu rộng đến cán bộ, đảng viên và nhân dân về phong trào thi đua Dân vận khéo. "
)
CLOSING = (
    " Mô hình được nhân dân đồng tình hưởng ứng, góp phần thực hiện thắng lợi nhiệm vụ phát triển kinh tế - xã hội, giữ "
    "vững an ninh chính trị, trật tự an toàn xã hội trên địa bàn."
)
ROAD, ROAD_COPIED, WASTE = FIRST["road"], COPIED["road"], FIRST["waste"]


def added(text: str) -> str:
    """Copied and lengthened by a sentence of one's own."""
    return (
        f"{text} Thời gian tới chi bộ tiếp tục duy trì và mở rộng cách làm này ra các khu dân cư."
    )


def cut(text: str) -> str:
    """Copied without its second sentence."""
    parts = text.split(". ")
    return ". ".join([parts[0], *parts[2:]])


SUBJECTS = tuple(FIRST)
PAIRS: dict[str, list[tuple[str, str]]] = {
    "copied": [(FIRST[s], COPIED[s]) for s in SUBJECTS],
    "copied and lengthened": [(FIRST[s], added(COPIED[s])) for s in SUBJECTS],
    "copied and cut": [(FIRST[s], cut(COPIED[s])) for s in SUBJECTS],
    "same subject": [(FIRST[s], SECOND[s]) for s in SUBJECTS],
    "same template": [
        (OPENING + FIRST[one] + CLOSING, OPENING + SECOND[two] + CLOSING)
        for one, two in zip(SUBJECTS, SUBJECTS[1:] + SUBJECTS[:1], strict=True)
    ],
    "same template and subject": [
        (OPENING + FIRST[s] + CLOSING, OPENING + SECOND[s] + CLOSING) for s in SUBJECTS
    ],
    "other": [
        (FIRST[one], FIRST[two])
        for one, two in zip(SUBJECTS, SUBJECTS[1:] + SUBJECTS[:1], strict=True)
    ],
}
# Whether the pair should be told. "Copied and cut" lacks a quarter of the words.
TOLD = ("copied", "copied and lengthened", "copied and cut")
