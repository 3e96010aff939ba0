"""What is kept of a secret that the program makes and shows once."""

from hashlib import sha256


def digest(secret):
    """SHA-256 of a secret with enough chance in it, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()
