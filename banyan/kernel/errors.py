"""What is said to people when something cannot be done."""


class Refusal(Exception):
    """A clear answer instead of a change: what happened, why, and how to mend it.

    The three texts are already in the reader's language. `status` is the HTTP status that fits:
    403 may not, 404 not there, 409 somebody was faster or the state forbids it, 422 wrong input.
    """

    def __init__(self, what: str, why: str = "", mend: str = "", status: int = 422) -> None:
        self.what = str(what)
        self.why = str(why)
        self.mend = str(mend)
        self.status = status
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The three texts as one paragraph, for a terminal or a log."""
        return " ".join(part for part in (self.what, self.why, self.mend) if part)

    def as_dict(self) -> dict[str, str]:
        """The same answer for the API (RFC 9457 calls them title, detail; `mend` is ours)."""
        return {"what": self.what, "why": self.why, "mend": self.mend}
