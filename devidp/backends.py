"""Who may sign in here: whoever was chosen on the sign-in page. There is no password to check."""

from django.contrib.auth.backends import ModelBackend


class ChosenPerson(ModelBackend):
    """Loads the person of a session; authenticates nobody."""

    def authenticate(self, *_request: object, **_credentials: object) -> None:
        return None
