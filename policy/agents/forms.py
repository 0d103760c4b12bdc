"""What an admin chooses of an agent."""

from django import forms

from identity.token_forms import LifetimeField
from policy.models import OpaAgent


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new agent's name, and how long its first token is valid."""

    lifetime = LifetimeField()

    class Meta:
        model = OpaAgent
        fields = ["name"]
