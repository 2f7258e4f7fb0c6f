"""A mail server for tests: aiosmtpd with STARTTLS, TLS or neither, and a sign-in.

It prints its port, then one JSON line for each mail it took. Addresses say how they are answered:
refused@ with 550, busy@ with 451, slow@ not at all.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

LOGIN = LoginPassword(b"vestibule", b"correct horse")


def say(**words):
    print(json.dumps(words), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody here"
        if address.startswith("busy@"):
            return "451 4.3.0 later"
        if address.startswith("slow@"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            tls=server.transport.get_extra_info("ssl_object") is not None,
            user=session.auth_data.login.decode() if session.auth_data else None,
            peer=session.peer[1],
            ehlo=session.host_name,
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            headers={name.lower(): str(value) for name, value in mail.items()},
            parts={part.get_content_type(): part.get_content() for part in mail.iter_parts()},
            raw=envelope.content.decode("ascii"),
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data == LOGIN, auth_data=data if data == LOGIN else None)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("security", choices=["starttls", "tls", "none"])
    parser.add_argument("chain")
    parser.add_argument("key")
    told = parser.parse_args()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(told.chain, told.key)
    is_open = told.security == "none"

    def session():
        return SMTP(
            Handler(),
            hostname="mail.test",
            tls_context=context if told.security == "starttls" else None,
            require_starttls=told.security == "starttls",
            authenticator=authenticate,
            auth_required=not is_open,
            auth_require_tls=told.security == "starttls",
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", 0, ssl=context if told.security == "tls" else None
    )
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
