"""The cipher in Python's own integers, word by word."""


def philox_in_plain_integers(counter, key):
    """Return the four words that the cipher makes of a counter and a key, by its definition."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b = (second >> 32) ^ b ^ k, second & 0xFFFFFFFF
        c, d = (first >> 32) ^ d ^ m, first & 0xFFFFFFFF
        k, m = (k + 0x9E3779B9) & 0xFFFFFFFF, (m + 0xBB67AE85) & 0xFFFFFFFF
    return [a, b, c, d]
