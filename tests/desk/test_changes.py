"""Two texts laid over each other."""

from banyan.desk.changes import pieces


def told(was: str, now: str) -> str:
    marks = {"same": "{}", "was": "-{}-", "new": "+{}+"}
    return "".join(marks[one.kind].format(one.text) for one in pieces(was, now))


def test_a_changed_word_is_marked_and_the_sentence_stays():
    was = "Trồng 1,2 km đường hoa tại thôn mẫu"
    now = "Trồng 1,5 km đường hoa tại thôn mẫu"
    assert told(was, now) == "Trồng -1,2- +1,5+ km đường hoa tại thôn mẫu"


def test_words_side_by_side_are_one_change():
    assert told("có ba tổ phụ nữ chăm sóc", "có năm nhóm phụ nữ chăm sóc") == (
        "có -ba tổ- +năm nhóm+ phụ nữ chăm sóc"
    )


def test_what_was_added_at_the_end_keeps_its_space():
    assert told("Ngõ xóm sáng đèn", "Ngõ xóm sáng đèn và sạch") == "Ngõ xóm sáng đèn +và sạch+"


def test_another_text_is_struck_as_a_whole():
    assert told("một hai ba", "bốn năm sáu bảy tám") == "-một hai ba-+bốn năm sáu bảy tám+"


def test_nothing_changed_is_said_once():
    assert told("như cũ", "như cũ") == "như cũ"
    assert told("", "mới") == "+mới+"
