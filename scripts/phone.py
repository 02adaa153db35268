"""What `make phone` needs: this machine's address, a certificate for it, and a QR code."""

import io
import ipaddress
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Phones refuse server certificates that last longer than 825 days; a year is enough here.
VALID_FOR = timedelta(days=365)

SENTENCE = """
{code}
The phone warns that it does not know this certificate: it was made here a moment ago.
- Accept the warning: camera, photos and answers work. Installing and offline use do not yet:
  browsers refuse a service worker from a certificate they were only told to overlook.
- For those two, install {authority} on the phone as a trusted authority.
  Its private key was never written, so it can vouch for nothing but this address.
Tamis is ready: scan the code, or open {url} on a phone in the same network (Ctrl+C stops it)"""


def lan_address() -> str:
    """The address by which the local network reaches this machine, or the one asked for."""
    if wanted := os.environ.get("TAMIS_ADDRESS"):
        return str(ipaddress.ip_address(wanted))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing: it only asks which way packets would leave.
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])


def make_certificate(address: str, folder: Path) -> None:
    """Write authority.pem, server.pem and server.key, unless they are there and still valid."""
    import trustme
    from cryptography import x509

    kept = folder / "server.pem"
    if kept.exists():
        certificate = x509.load_pem_x509_certificate(kept.read_bytes())
        if certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1):
            return
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="Tamis on this machine")
    server = authority.issue_cert(address, not_after=datetime.now(UTC) + VALID_FOR)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    key = os.open(folder / "server.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(key, "wb") as file:
        file.write(server.private_key_pem.bytes())
    kept.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))


def sentence(url: str, folder: Path) -> str:
    """The QR code and what to expect, ending in what to do next."""
    import segno

    code = io.StringIO()
    segno.make(url, micro=False).terminal(code, compact=True, border=2)
    return SENTENCE.format(code=code.getvalue(), authority=folder / "authority.pem", url=url)


def main(verb: str, *words: str) -> None:
    """address | certificate ADDRESS FOLDER | sentence URL FOLDER."""
    match verb, words:
        case "address", ():
            print(lan_address())
        case "certificate", (address, folder):
            make_certificate(address, Path(folder))
        case "sentence", (url, folder):
            print(sentence(url, Path(folder)))
        case _:
            sys.exit(main.__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
