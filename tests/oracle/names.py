"""Whether a name somebody wrote has the words of a listed one, or is nearly it.

Case, accents and punctuation do not matter. A listed word of more than three letters is found at the beginning of a
word, a shorter one only whole; a phrase is found as words in a row. A slip is a letter too many, one too few, another
one, or two that changed places: one is allowed from six letters on, two from nine.
"""

import functools
import re
import unicodedata


@functools.cache
def words(text):
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = plain.replace("đ", "d").replace("ı", "i").replace("ł", "l").replace("ø", "o")
    return tuple(re.findall(r"[^\W_]+", plain))


@functools.cache
def has(text, listed):
    own, wanted = words(text), words(listed)
    if not wanted:
        return False
    def fits(word, known):
        return word.startswith(known) if len(known) > 3 else word == known
    return any(
        all(fits(own[start + offset], known) for offset, known in enumerate(wanted))
        for start in range(len(own) - len(wanted) + 1)
    )


def slips(left, right):
    """Optimal string alignment, by recursion on what is left of both."""
    @functools.cache
    def rest(i, j):
        if i == len(left) or j == len(right):
            return len(left) - i + len(right) - j
        if left[i] == right[j]:
            return rest(i + 1, j + 1)
        best = 1 + min(rest(i + 1, j + 1), rest(i + 1, j), rest(i, j + 1))
        if left[i:i + 2] == right[j:j + 2][::-1] and i + 1 < len(left) and j + 1 < len(right):
            best = min(best, 1 + rest(i + 2, j + 2))
        return best
    return rest(0, 0)


@functools.cache
def nearly(word, listed):
    if " " in listed or len(listed) < 6:
        return False
    allowed = 2 if len(listed) >= 9 else 1
    if len(word) < len(listed) - allowed:
        return False
    lengths = range(len(listed) - allowed, len(listed) + allowed + 1)
    return any(slips(word[:length], listed) <= allowed for length in lengths)


def is_asked_back(text, risky, right):
    """Whether a word that is no right name is nearly a risky one."""
    open_words = [word for word in words(text) if not any(has(word, name) for name in right)]
    return any(nearly(word, name) for word in open_words for name in risky)
