"""The shop asks its buyers how a parcel arrived, and hears from those whom it disappointed."""

from simulator.diary import TRANSACTIONAL, Ask
from simulator.listener import ANSWERING, BOUNCING, NPS, Listener
from simulator.past import Person
from simulator.surveys import DELIVERY
from simulator.verbatims import OF_THE_SHOP, OF_THE_SHOP_KEPT, words

ASKED = 0.8  # share of the parcels
WORDY = 0.7  # share of the answers that say why
WRITING = {
    True: 0.03,
    False: 0.35,
}  # share of those who write to the shop, by whether a parcel came as promised
LANGUAGES = {"EN": 40, "DE": 25, "ES": 15, "JA": 10, "AR": 10}


class BuyerListener(Listener):
    def hear(self) -> None:
        past, rng, last = self.past, self.rng, self.when.last
        (person,) = past.people
        past.language = self.any_of(LANGUAGES)
        # without touchpoint events, nobody knows what became of a parcel
        arrivals = past.arrivals or [(day + 3, True) for day, _, _ in past.purchases if day + 3 <= last]
        for day, is_kept in sorted(arrivals):
            if rng.random() < WRITING[is_kept]:
                self.write(person, min(day + 1, last), self.any_of(OF_THE_SHOP) if is_kept else "delivery")
            is_left_out = not is_kept and rng.random() < self.plants.picked
            asked = Ask(day + 1, TRANSACTIONAL, "shop", person.mail)
            is_asked = day < last and not is_left_out and rng.random() < ASKED
            if is_asked and self.diary.allows(asked, heeds_others=True):
                self.diary.add(asked)
                self.ask(person, day + 1, is_kept)
        if (since := self.plants.issue_since) and past.purchases and past.purchases[-1][0] > since - 365:
            if rng.random() < (self.plants.issue_times - 1) / 100:
                self.write(person, since + rng.randrange(last - since), self.plants.issue)

    def ask(self, person: Person, day: int, is_kept: bool) -> None:
        rng, shop, (_, _, survey) = self.rng, self.files.shop, DELIVERY
        ref = f"SI-{self.number:06d}-{self.place('delivery')}"
        status, answered = "bounced" if rng.random() < BOUNCING else "sent", day + rng.randrange(6)
        shop.invite(ref, survey, person.ref, day, 10, "email", status)
        self.count(DELIVERY, "invited", status)
        if status == "bounced" or answered > self.when.last or rng.random() > ANSWERING:
            return
        score = rng.choices(range(11), NPS)[0] if is_kept else rng.randrange(8)
        category, said = self.say(answered, score > 8, self.past.language, WORDY, OF_THE_SHOP_KEPT)
        if said and not is_kept:
            category, said = "delivery", words("delivery", self.past.language, rng)
        answer = f"SA{ref[2:]}"
        shop.answer(answer, survey, ref, answered, 18, score, said, self.past.language.lower())
        self.count(DELIVERY, "scored")
        self.heard("plain", "shop", "survey_responses", answer, category, said)

    def write(self, person: Person, day: int, category: str) -> None:
        said = words(category, self.past.language, self.rng)
        ref = f"ST-{self.number:06d}-{self.place('ticket')}"
        self.open_ticket(self.files.shop, ref, person.ref, day, category, said, "email")
