"""The configurations of the guide, of the admin and of discovery are one (P4)."""

from ruamel.yaml import YAML

from policy.agents import config
from tests.integration.policy.agent import PLACEHOLDER, guide_blocks

PEM = PLACEHOLDER.replace("\n      ", "\n") + "\n"


def test_the_guide_shows_what_the_admin_shows() -> None:
    keys = {"KEY_ID": PEM}
    whole, discovers = guide_blocks()
    assert whole == config.boot("https://portal.example", keys)
    assert discovers == config.boot("https://portal.example", keys, discovers=True)


def test_what_is_discovered_is_what_the_whole_file_says() -> None:
    keys = {"KEY_ID": PEM, "NEXT": PEM}
    told = YAML(typ="safe").load(config.boot("https://portal.example", keys))
    del told["services"]
    assert told == config.discovered(keys)
