"""The development identity provider: a real OpenID Connect provider for the demo, on loopback only.

A program of its own (`python -m devidp`) that imports nothing of the house. It lets whoever sits at
the machine choose to be any person of `people.yaml`, and so must never face a network:
docs/adr/0036-development-provider.md.
"""
