"""One value of each kind, in a locale."""

import random
import string
from collections.abc import Callable

from faker import Faker

Maker = Callable[[Faker, random.Random, str], object]
_COLORS = "red blue green black white silver oak navy teal amber".split()
_THINGS = [
    "Lamp",
    "Desk",
    "Chair Oslo",
    "USB-C Cable 2m",
    "Water Bottle",
    "Trail Shoe",
    "Office Chair Pro",
    "Green Tea",
    "Notebook A5",
    "LED Panel",
    "Coffee Mill",
    "Running Vest",
    "Wool Blanket",
    "Garden Hose",
    "Phone Case",
    "Steel Pan",
]
_SENTENCES = [
    "Robust housing made of aluminium, suitable for outdoor use.",
    "Delivered in a box of twelve pieces with cable.",
    "The lamp has three levels and a timer.",
    "Washable at thirty degrees, do not tumble dry.",
    "Fits all common sockets of the new series.",
    "Includes two batteries and a short manual in six languages.",
    "A light chair for meeting rooms, stackable up to eight.",
    "Resists heat, oil and most solvents.",
]
_NOTES = {
    "en": [
        "{f} called back, wants the invoice again",
        "Spoke with {n} about the contract today",
        "please contact {n} under {e} before Friday",
        "Met {f} at the fair, very interested in the offer",
        "Customer {n} complained about late delivery",
    ],
    "de": [
        "Mit {n} telefoniert, Rückruf morgen erbeten",
        "Bitte {f} wegen der Rechnung anrufen",
        "Kundin {n} erreichbar unter {e} am Vormittag",
    ],
    "fr": ["Rappeler {n} au sujet de la facture demain", "Le client {n} joignable par {e} le matin"],
    "pl": ["Proszę oddzwonić do {n} w sprawie faktury", "Klient {n} prosi o kontakt na {e} jutro rano"],
    "pt": ["Ligar para {n} sobre a fatura ainda hoje", "Cliente {n} pediu contato por {e} amanhã cedo"],
    "ja": ["担当 {n} 様 より 電話 あり 折り返し {e}", "{n} 様 に 請求書 を 再送 {e} へ"],
    "es": ["Llamar a {n} por la factura mañana sin falta", "El cliente {n} responde en {e} por la tarde"],
    "it": ["Richiamare {n} per la fattura domani mattina", "Il cliente {n} risponde a {e} nel pomeriggio"],
    "nl": ["Graag {n} terugbellen over de factuur morgen", "Klant {n} is bereikbaar via {e} in de ochtend"],
    "sv": ["Ring upp {n} om fakturan i morgon bitti", "Kunden {n} nås på {e} under förmiddagen idag"],
    "tr": [
        "Fatura için yarın {n} ile tekrar görüşülecek",
        "Müşteri {n} sabah saatlerinde {e} adresinden ulaşılabilir",
    ],
    "ru": ["Перезвонить клиенту по имени {n} насчёт счёта завтра", "Клиент {n} просит написать на {e} утром"],
}
_GENDERS = {
    "en": ["male", "female"],
    "de": ["männlich", "weiblich"],
    "fr": ["homme", "femme"],
    "pl": ["kobieta", "mężczyzna"],
    "pt": ["masculino", "feminino"],
    "ja": ["男性", "女性"],
    "es": ["hombre", "mujer"],
    "it": ["maschio", "femmina"],
    "nl": ["man", "vrouw"],
    "sv": ["man", "kvinna"],
    "tr": ["erkek", "kadın"],
    "ru": ["мужской", "женский"],
}
_ICD = ["E11.9", "I10", "J45.0", "F32.1", "M54.5", "K21.9", "E78.5", "G43.9", "N39.0"]


_PLAIN = Faker("en_GB")


def value(kind: str, fake: Faker, rng: random.Random, locale: str) -> object:
    """One value of that kind."""
    _PLAIN.seed_instance(rng.getrandbits(32))
    return MAKERS[kind](fake, rng, locale)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _notes(fake: Faker, rng: random.Random, locale: str) -> str:
    text = rng.choice(_NOTES[locale[:2]])
    return text.format(n=fake.name(), f=fake.first_name(), e=fake.email())


def _tracking(_fake: Faker, rng: random.Random, _locale: str) -> str:
    """Sixteen digits that begin like a card."""
    return rng.choice("3456") + _digits(rng, 15)


def _ean(_fake: Faker, rng: random.Random, _locale: str) -> str:
    body = "40" + _digits(rng, 10)
    check = -sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(body)) % 10
    return body + str(check)


def _sku(_fake: Faker, rng: random.Random, _locale: str) -> str:
    return rng.choice(
        [
            f"AB-{_digits(rng, 4)}-{_digits(rng, 2)}",
            f"{_digits(rng, 3)}.{_digits(rng, 3)}.{_digits(rng, 3)}",
            f"PX{_digits(rng, 6)}",
        ]
    )


def _username(fake: Faker, rng: random.Random, _locale: str) -> str:
    try:
        return str(fake.user_name())
    except Exception:  # noqa: BLE001 - some locales have no Latin names to make one of
        return "user" + _digits(rng, 4)


def _iban(fake: Faker, rng: random.Random, locale: str) -> str:
    made = fake.iban() if locale[-2:] in {"DE", "FR", "ES", "IT", "NL", "PL", "TR"} else _PLAIN.iban()
    return str(made) if rng.random() < 0.5 else " ".join(made[n : n + 4] for n in range(0, len(made), 4))


def _national(fake: Faker, rng: random.Random, locale: str) -> str:
    match locale:
        case "pt_BR":
            return str(fake.cpf())
        case "es_ES":
            return str(fake.nif())
        case "pl_PL":
            return str(fake.pesel())
        case "ru_RU":
            return str(fake.individuals_inn())
        case "ja_JP":
            return _digits(rng, 12)
        case _:
            return str(fake.ssn())


MAKERS: dict[str, Maker] = {
    "email": lambda f, r, _: r.choice([f.email, f.safe_email, f.company_email])(),
    "phone": lambda f, r, _: f.phone_number(),
    "full_name": lambda f, r, _: f.name(),
    "first_name": lambda f, r, _: f.first_name(),
    "last_name": lambda f, r, _: f.last_name(),
    "address": lambda f, r, _: f.address().replace("\n", ", ") if r.random() < 0.6 else f.street_address(),
    "postcode": lambda f, r, _: f.postcode(),
    "birth": lambda f, r, _: f.date_of_birth(minimum_age=18, maximum_age=90),
    "national_id": _national,
    "iban": _iban,
    "card": lambda f, r, _: _PLAIN.credit_card_number(r.choice(["visa16", "mastercard", "amex"])),
    "gender": lambda f, r, loc: r.choice(_GENDERS[loc[:2]]),
    "username": _username,
    "ip": lambda f, r, _: f.ipv4_public() if r.random() < 0.9 else f.ipv6(),
    "age": lambda f, r, _: r.randint(18, 92),
    "salary": lambda f, r, _: r.randint(20, 140) * 500,
    "blood": lambda f, r, _: r.choice(["A+", "A-", "B+", "B-", "AB+", "AB-", "0+", "0-", "O+"]),
    "diagnosis": lambda f, r, _: r.choice(_ICD),
    "religion": lambda f, r, _: r.choice(
        ["Catholic", "Protestant", "Muslim", "Hindu", "none", "Jewish", "Buddhist"]
    ),
    "password": lambda f, r, _: (
        "$2b$12$" + "".join(r.choices(string.ascii_letters + string.digits, k=53))
        if r.random() < 0.3
        else f.password()
    ),
    "secret": lambda f, r, _: (
        r.choice(["ghp_", "sk_live_", "AKIA"])
        + "".join(r.choices(string.ascii_uppercase + string.digits, k=36))
    ),
    "plate": lambda f, r, _: f.license_plate() if hasattr(f, "license_plate") else f"B-XY {_digits(r, 4)}",
    "notes": _notes,
    "product_name": lambda f, r, _: f"{r.choice(_COLORS).title()} {r.choice(_THINGS)}",
    "company": lambda f, r, _: f.company(),
    "customer_company": lambda f, r, _: (
        f"{f.last_name()} {r.choice(['GmbH', 'Ltd', 'Inc.', 'S.A.', 'AB', 'BV', 'S.r.l.'])}"
    ),
    "sequence": lambda f, r, _: 100_000 + r.randint(0, 90_000),
    "uuid": lambda f, r, _: f.uuid4(),
    "sku": _sku,
    "ean": _ean,
    "order_date": lambda f, r, _: f.date_between("-2y", "today"),
    "old_date": lambda f, r, _: f.date_between("-80y", "-20y"),
    "quantity": lambda f, r, _: r.randint(1, 500),
    "price": lambda f, r, _: f"{r.random() * 900:.2f}",
    "status": lambda f, r, _: r.choice(["open", "closed", "pending", "shipped", "cancelled"]),
    "color": lambda f, r, _: r.choice(_COLORS),
    "country": lambda f, r, _: f.country_code(),
    "language": lambda f, r, _: r.choice(["en", "de", "fr", "pl", "ja", "es"]),
    "currency": lambda f, r, _: f.currency_code(),
    "url": lambda f, r, _: f"https://www.example.com/p/{r.randint(1, 9999)}",
    "filename": lambda f, r, _: f"report_{r.randint(1, 99)}.{r.choice(['pdf', 'csv', 'docx'])}",
    "description": lambda f, r, _: r.choice(_SENTENCES),
    "version": lambda f, r, _: f"{r.randint(0, 9)}.{r.randint(0, 20)}.{r.randint(0, 9)}",
    "flag": lambda f, r, _: r.choice(["true", "false"]),
    "phone_model": lambda f, r, _: r.choice(
        ["iPhone 15", "Pixel 8", "Galaxy S23", "Fairphone 5", "Moto G84"]
    ),
    "tracking": _tracking,
    "private_ip": lambda f, r, _: f"{r.choice(['10.1', '192.168'])}.{r.randint(0, 255)}.{r.randint(1, 254)}",
    "host": lambda f, r, _: f"srv-{r.choice(['db', 'web', 'mail'])}-{r.randint(1, 60):02d}",
    "percent": lambda f, r, _: f"{r.random():.4f}",
    "counts": lambda f, r, _: r.randint(0, 4000),
    "server_age": lambda f, r, _: r.randint(130, 3000),
    "department": lambda f, r, _: r.choice(
        ["Finance", "Logistics", "Human Resources", "IT", "Sales EMEA", "Legal"]
    ),
    "category": lambda f, r, _: r.choice(["5k", "10k", "Half marathon", "Marathon", "Relay"]),
    "checksum": lambda f, r, _: f.sha256(),
    "serial": lambda f, r, _: f"{_digits(r, 3)}-{_digits(r, 4)}-{_digits(r, 2)}",
    "measure": lambda f, r, _: r.randint(5, 900),
    "city_sites": lambda f, r, _: f.city(),
    "duration": lambda f, r, _: f"{r.random() * 90:.1f}",
    "size": lambda f, r, _: r.choice(["S", "M", "L", "XL", "XXL"]),
    "event": lambda f, r, _: r.choice(["page_view", "click", "purchase", "sign_up", "scroll"]),
    "timestamp": lambda f, r, _: 1_600_000_000 + r.randint(0, 90_000_000),
}
