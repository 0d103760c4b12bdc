"""Receiver of the Shared Signals Framework (OpenID SSF 1.0): providers tell of people after the sign-in."""
