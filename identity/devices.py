"""What a browser says of itself, in a few words: for the person's own list of sessions."""

# In order: later ones also stand in the texts of earlier ones.
_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iPadOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_of(agent: str) -> str:
    """Browser and system of a User-Agent header, without versions; empty where it names neither."""
    found = (_first(_BROWSERS, agent), _first(_SYSTEMS, agent))
    return " · ".join(filter(None, found))


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for mark, name in names.items() if mark in agent), "")
