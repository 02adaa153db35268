"""`make phone`: a phone that trusts the authority, and only that one, reaches this address."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from scripts.phone import lan_address, make_certificate, sentence


def shake_hands(folder: Path, *, trusting: Path, host: str) -> str:
    """One TLS handshake on loopback; the subject the client accepted."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem", folder / "server.key")
    client = ssl.create_default_context(cafile=str(trusting))
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(far, server_side=True).recv(1)
        except OSError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=host) as connection:
            connection.send(b".")
            return str(connection.getpeercert())
    finally:
        near.close()
        thread.join()


def test_a_phone_that_trusts_the_authority_reaches_the_address_and_no_other(tmp_path):
    make_certificate("192.0.2.7", tmp_path)
    assert "192.0.2.7" in shake_hands(
        tmp_path, trusting=tmp_path / "authority.pem", host="192.0.2.7"
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, trusting=tmp_path / "authority.pem", host="192.0.2.8")


def test_the_certificate_is_kept_so_that_a_phone_asks_once(tmp_path):
    make_certificate("192.0.2.7", tmp_path)
    first = (tmp_path / "server.pem").read_bytes()
    make_certificate("192.0.2.7", tmp_path)
    assert (tmp_path / "server.pem").read_bytes() == first


def test_the_private_key_is_its_owners_alone_and_the_authoritys_is_nowhere(tmp_path):
    make_certificate("192.0.2.7", tmp_path)
    assert (tmp_path / "server.key").stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in (tmp_path / "authority.pem").read_text()


def test_the_last_line_says_what_to_open(tmp_path):
    assert "https://192.0.2.7:8000" in sentence("https://192.0.2.7:8000", tmp_path).splitlines()[-1]


def test_an_address_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("TAMIS_ADDRESS", "192.0.2.9")
    assert lan_address() == "192.0.2.9"
