"""French words as people type them: folded, cut, taken off their plural, written as heard.

Only code points, integers and IEEE doubles are used, no locale: the phone's twin
(`pwa/src/waste/french.ts`) gives the same results.
"""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SILENT_WORDS = """
    a au aux avec c ca ce ces cet cette comment d dans de des du elle en est et il ils j je koi l
    la le les leur leurs m ma mes moi mon n ne nos notre nous on ou par pas pour qu quand que quel
    quelle quelles quels qui quoi s sa se ses si son sont sur t ta te tes toi ton tu un une va
    vais vont vos votre vous y
"""
_WEAK_WORDS = """
    abime ancien ancienne bac casse cassee collecte debarrasse debarrasser dechet defait dois doit
    faire faut hs jaune jete jeter jette mettre mort peri perime perimee plein pleine poubelle
    propre puis recycle recycler reste sale tri trie trier troue trouee usage usagee use usee vide
    vider vieil vieille vieux
"""
SILENT = frozenset(_SILENT_WORDS.split())
# Said around the thing rather than of it: they count little, unless nothing else is said.
WEAK = frozenset(_WEAK_WORDS.split())

_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS = tuple(
    (re.compile(written), heard)
    for written, heard in (
        ("ph", "f"),
        ("[cs]h", "C"),
        ("qu?", "k"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("gu(?=[eiy])", "g"),
        ("ge(?=[ao])|g(?=[eiy])", "j"),
        ("eau|au", "o"),
        ("oin", "WI"),
        ("o[iy]", "Wa"),
        ("ou", "u"),
        ("(eu|[aeu])ill|(eu|[ae])il$", r"\1\2Y"),
        ("([^aeou])ill", r"\1iY"),
        ("(?:ai|ei|[iyu])[nm](?![aeiouynm])", "I"),
        ("[ae][nm](?![aeiouynm])", "A"),
        ("o[nm](?![aeiouynm])", "O"),
        ("[ae][iy]", "e"),
        ("(...)e[rtz]$", r"\1E"),
        ("h", ""),
        ("y", "i"),
        ("z", "s"),
        ("w", "v"),
        ("x", "ks"),
        (r"(.)\1+", r"\1"),
        ("(..)(?:e|[stdpx]+)$", r"\1"),
    )
)


def fold(text: str) -> str:
    """Reduce a text to a-z, 0-9 and single spaces: Bouteille d’Œufs → bouteille d oeufs."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    plain = re.sub("[\u0300-\u036f]", "", apart)
    return " ".join(re.findall("[a-z0-9]+", plain))


def stem(word: str) -> str:
    """Take the plural off: journaux → journal, tuyaux → tuyau, bouteilles → bouteille."""
    if len(word) > 4 and word.endswith("aux") and word[-4] not in "eyu":
        return word[:-2] + "l"
    if len(word) > 3 and word[-1] in "sx":
        return word[:-1]
    return word


def telling(text: str) -> list[str]:
    """Cut a text into its telling words, plural off; of only silent words, keep all."""
    spoken = fold(text).split()
    return [stem(word) for word in spoken if word not in SILENT] or spoken


def sound(word: str) -> str:
    """Write a word as it is heard, its silent ending dropped: bouteille, bouteil → buteY."""
    for written, heard in _SOUNDS:
        word = written.sub(heard, word)
    return word


def single(word: str) -> str:
    """Write double letters once, the commonest slip of all: cannette → canete."""
    return _DOUBLED.sub(r"\1", word)


def letters(word: str) -> int:
    """Give the letters of a word as bits: two words one slip apart differ in two at most."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 32)
    return bits


def slips(left: str, right: str, limit: int) -> int:
    """Count slips (a letter more, less, other, or two swapped); beyond `limit`, limit + 1."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, mine in enumerate(left, 1):
        current = [i]
        for j, theirs in enumerate(right, 1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == right[j - 2] and left[i - 2] == theirs:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return min(row[-1], limit + 1)


def reach(word: str) -> int:
    """Say how many slips a word of this length may hold and still be itself."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2 if len(word) < 9 else 3


def likeness(word: str, other: str, heard: str, other_heard: str, near: int) -> float:
    """Compare two words as written and as heard, `near` slips at most: 0..1, 0 if farther."""
    if single(word) == single(other):
        return 0.95
    alike = 0.0
    found = slips(word, other, near)
    if found <= near:
        alike = 1 - 1.1 * found / max(len(word), len(other))
    if alike < 0.85:
        found = slips(heard, other_heard, near)
        if found <= near:
            alike = max(alike, 0.95 - 1.1 * found / max(len(heard), len(other_heard)))
    return alike
