"""allauth's adapter: nobody signs up alone (N7), mails are letters."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Users are made by the operator; sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
