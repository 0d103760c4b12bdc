"""`python -m devidp`: serve the provider, or `push` the demo's people to a SCIM endpoint."""

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run one of the two commands; returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if os.environ.get("PORTAL_DEVELOPMENT") != "1":
        sys.stderr.write("devidp signs anyone in as anyone: it runs only with PORTAL_DEVELOPMENT=1.\n")
        return 2
    return _push(words[1:]) if words[:1] == ["push"] else _serve(words)


def _serve(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m devidp", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    parser.add_argument("--data", type=Path, required=True, help="folder for keys and database")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--redirect-uri", action="append", required=True, metavar="URI")
    parser.add_argument("--post-logout-redirect-uri", action="append", default=[], metavar="URI")
    parser.add_argument("--backchannel-logout-uri", default="", metavar="URI")
    options = parser.parse_args(words)
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "devidp.settings",
        "DEVIDP_PORT": str(options.port),
        "DEVIDP_DATA": str(options.data.resolve()),
        "DEVIDP_CLIENT_ID": options.client_id,
        "DEVIDP_REDIRECT_URIS": " ".join(options.redirect_uri),
        "DEVIDP_POST_LOGOUT_REDIRECT_URIS": " ".join(options.post_logout_redirect_uri),
        "DEVIDP_BACKCHANNEL_LOGOUT_URI": options.backchannel_logout_uri,
    }
    import django  # settings are read from the environment that was just filled

    django.setup()
    from devidp.serve import serve  # its models need the set-up above

    serve()
    return 0


def _push(words: list[str]) -> int:
    import httpx  # the server needs none of the push, nor the other way

    from devidp.people import companies
    from devidp.push import ScimClient, push

    parser = argparse.ArgumentParser(prog="python -m devidp push")
    parser.add_argument("--scim-url", required=True, help="for example https://portal/scim/v2")
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--company", choices=list(companies()), default=next(iter(companies())))
    options = parser.parse_args(words)
    token = options.token_file.read_text(encoding="utf-8").strip()
    company = companies()[options.company]
    try:
        done = push(company, ScimClient(options.scim_url, token))
    except (OSError, RuntimeError, httpx.HTTPError) as error:
        sys.stderr.write(f"push of {company.title} failed: {error}\n")
        return 1
    sys.stdout.write(f"{company.title}: {done.made} made, {done.updated} updated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
