"""Colleagues, invitations and the mails that reach them."""

from __future__ import annotations

import re
from email import message_from_string, policy
from email.message import EmailMessage

from tests import records
from tests.api import ApiClient, Reply
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, new_email, stranger
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Cloud, Database

TOKEN = re.compile(r"#token=([A-Za-z0-9_-]{43})\b")
COLLEAGUE = """
    insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)
    select uuidv7(), organization_id, :email, 'Grace Hopper', :role, password_hash, now(), now()
    from users where id = :id returning id::text
"""


def colleague(database: Database, tenant: Tenant, role: str = "recruiter") -> tuple[str, str]:
    """Another user of the organization with the usual password: id and address."""
    email = new_email()
    [row] = records.rows(database, COLLEAGUE, email=email, role=role, id=tenant.user_id)
    return row["id"], email


def signed_in(email: str) -> ApiClient:
    return client_of(login(email))


def invite(api: ApiClient, email: str | None = None, **values: object) -> Json:
    reply = api.post(
        "/api/users", {"email": email or new_email(), "name": "Grace Hopper", "role": "recruiter", **values}
    )
    assert reply.status == 201, reply
    made: Json = reply.json
    return made


def mails_to(cloud: Cloud, address: str) -> list[EmailMessage]:
    """Every mail that was taken for an address, oldest first."""
    mails = [
        message_from_string(mail["raw_data"], _class=EmailMessage, policy=policy.default) for mail in cloud.mails()
    ]
    return [mail for mail in mails if mail["To"].addresses[0].addr_spec == address]


def text_of(mail: EmailMessage) -> str:
    text: str = mail.get_content()
    return text.replace("\r\n", "\n")


def token_in(mail: EmailMessage) -> str:
    """The secret of the one link in a mail."""
    [token] = TOKEN.findall(text_of(mail))
    return str(token)


def mailed_token(cloud: Cloud, address: str) -> str:
    """The secret of the newest mail to an address, once everything is sent."""
    cloud.drain()
    return token_in(mails_to(cloud, address)[-1])


def accept(token: str, password: str = PASSWORD, **values: object) -> Reply:
    return stranger().post("/api/auth/accept-invitation", {"token": token, "password": password, **values})


def forgot(email: str) -> Reply:
    return stranger().post("/api/auth/forgot-password", {"email": email})


def reset(token: str, password: str) -> Reply:
    return stranger().post("/api/auth/reset-password", {"token": token, "new_password": password})
