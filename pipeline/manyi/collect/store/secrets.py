"""What is made of the store's key: receipts and the hashes of ids and codes."""

import base64
import hashlib
import secrets

KEY_BYTES = 32
#: Crockford's base 32: no I, L, O, U, so that what is read aloud or copied by hand stays right.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 80 bits.
RECEIPT_SIGNS = 16
CODE_SIGNS = 13
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WRITTEN_AS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", SIGNS.encode())


def new_key() -> bytes:
    """Return a new key."""
    return secrets.token_bytes(KEY_BYTES)


def keyed(key: bytes, purpose: str, text: str, size: int = 16) -> bytes:
    """Return the keyed BLAKE2b hash (RFC 7693) of a text for one purpose.

    Parameters
    ----------
    key : bytes
        The store's.
    purpose : str
        16 bytes at most; hashes of different purposes have nothing to do with each other.
    text : str
    size : int
        Bytes returned.
    """
    return hashlib.blake2b(text.encode(), digest_size=size, key=key, person=purpose.encode()).digest()


def receipt_signs(key: bytes, submission: str) -> str:
    """Return the receipt of a submission's id: 80 bits, the same at every resend, unknown without the key.

    Examples
    --------
    >>> len(receipt_signs(b"k" * 32, "1")), receipt_signs(b"k" * 32, "1") == receipt_signs(b"k" * 32, "1")
    (16, True)
    """
    digest = keyed(key, "receipt", submission, RECEIPT_SIGNS * 5 // 8)
    return base64.b32encode(digest).translate(_WRITTEN_AS).decode()


def new_code() -> str:
    """Return a new access code of 65 random bits."""
    return "".join(secrets.choice(SIGNS) for _ in range(CODE_SIGNS))


def grouped(text: str) -> str:
    """Return signs in groups of four, as people copy them.

    Examples
    --------
    >>> grouped("0123456789ABCDEF")
    '0123-4567-89AB-CDEF'
    """
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def plain_code(typed: str) -> str:
    """Return a code or receipt as it is meant: no blanks, no dashes, upper case, O as 0, I and L as 1.

    Examples
    --------
    >>> plain_code(" o123-4567 ")
    '01234567'
    """
    return "".join(sign for sign in typed.upper().translate(_READ_AS) if sign in SIGNS)
