"""The surveys that are asked beside those which answer to what somebody bought: vendor, system and name of each."""

from dataclasses import dataclass

FEATURE_WISHES = ("surveymonkey", "surveymonkey", "Feature wishes")
CASE_CLOSED = ("delighted", "delighted", "Case closed")
CARE_CALL = ("plain", "care", "care-call")
DELIVERY = ("plain", "shop", "delivery")


@dataclass(frozen=True)
class Survey:
    """One of Qualtrics'."""

    id: str
    name: str
    tag: str = ""  # export tag of the scored question; empty: its responses are written elsewhere
    wordings: tuple[str, ...] = ()  # as it is asked up to each export of its responses

    @property
    def key(self) -> tuple[str, str, str]:
        return ("qualtrics", "qualtrics", self.name)


_SET_UP = "How likely are you to recommend us, now that you are set up?"
RELATIONSHIP_NPS = Survey("SV_relationship00001", "Relationship NPS")
ONBOARDING = Survey(
    "SV_onboarding0000001",
    "Onboarding",
    "NPS",
    (_SET_UP, "Thinking of your first weeks, how likely are you to recommend us?"),
)
BEGGING = Survey(
    ONBOARDING.id,
    ONBOARDING.name,
    ONBOARDING.tag,
    (_SET_UP, f"{_SET_UP}\nPlease give us a 9 or 10: it helps the team!"),
)
RENEWAL_CHECK = Survey(
    "SV_renewalcheck00001",
    "Renewal check",
    "CES",
    ("They made it easy to renew.\n1: strongly disagree, 7: strongly agree",),
)
