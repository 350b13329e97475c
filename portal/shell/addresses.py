"""Where a form may send its reader afterwards: pages of ours and nothing else."""

from urllib.parse import urlsplit


def own_page(address: str, otherwise: str = "/") -> str:
    """Return the address when it is a path of this site, else `otherwise` (no open redirects, ASVS 5.0 3.7.2)."""
    parts = urlsplit(address)
    is_ours = (
        address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    )
    return address if is_ours and address.isprintable() else otherwise
