"""Accounts as tests need them."""

from __future__ import annotations

import os
from itertools import count
from uuid import uuid4

from tests.api import ApiClient, Reply

PASSWORD = "correct-horse-7-staples"
_numbers = count(1)


def stranger() -> ApiClient:
    """Somebody who is not signed in, at an address of their own."""
    number = next(_numbers)
    return ApiClient(address=f"100.{64 + os.getpid() % 64}.{number >> 8 & 255}.{number & 255}")


def new_email() -> str:
    return f"{uuid4().hex}@example.com"


def register(email: str, **changes: object) -> Reply:
    wish = {"organization": "Navy", "name": "Grace Hopper", "email": email, "password": PASSWORD, **changes}
    return stranger().post("/api/auth/register", wish)


def login(email: str, password: str = PASSWORD) -> Reply:
    return stranger().post("/api/auth/login", {"email": email, "password": password})


def refresh(token: str) -> Reply:
    return stranger().post("/api/auth/refresh", {"refresh_token": token})


def client_of(reply: Reply) -> ApiClient:
    """Whoever got these tokens."""
    client = stranger()
    client.token = reply.json["access_token"]
    return client
