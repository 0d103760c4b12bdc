"""SoftHSM2, a hardware module in software, from Debian's packages; a token of its own for each test run."""

import os
import shutil
import subprocess
from pathlib import Path

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
UTIL = "softhsm2-util"
TOKEN, PIN = "portal-tests", "1234-tests"


def library() -> str:
    """Its path, in an odd place by SOFTHSM2_LIBRARY; "" where it or its tool is not there."""
    places = (os.environ.get("SOFTHSM2_LIBRARY", ""), *PLACES)
    return next((place for place in places if Path(place).is_file()), "") if shutil.which(UTIL) else ""


def make_token(folder: Path) -> None:
    """A fresh token below `folder`, for this process and its children."""
    store = folder / "tokens"
    store.mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    command = [UTIL, "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
