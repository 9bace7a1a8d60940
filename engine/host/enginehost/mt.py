"""Translation from English to Brazilian Portuguese: a small neural student model, sentence by sentence."""

import concurrent.futures
import pathlib
import re

from .wire import WireError, invalid

PAIR = ("en", "pt-BR")
FILES = ("model.enpt.intgemm.alphas.bin", "lex.50.50.enpt.s2t.bin", "vocab.enpt.spm")
LONGEST = 2000  # characters of one cue: several sentences, never a page
MOST = 2000  # cues in one request

# European forms that the model lets slip, with the Brazilian ones.
BRAZILIAN = {
    "autocarro": "ônibus", "autocarros": "ônibus", "comboio": "trem", "comboios": "trens", "pequeno-almoço": "café da manhã",
    "telemóvel": "celular", "telemóveis": "celulares", "casa de banho": "banheiro", "equipa": "equipe", "equipas": "equipes",
    "facto": "fato", "factos": "fatos", "contacto": "contato", "contactos": "contatos", "económico": "econômico",
    "económica": "econômica", "académico": "acadêmico", "académica": "acadêmica", "género": "gênero", "géneros": "gêneros",
    "prémio": "prêmio", "prémios": "prêmios", "António": "Antônio", "rapariga": "garota", "raparigas": "garotas",
    "ecrã": "tela", "ecrãs": "telas", "ficheiro": "arquivo", "ficheiros": "arquivos", "registo": "registro", "registos": "registros",
}
_EUROPEAN = re.compile(r"\b(" + "|".join(sorted(map(re.escape, BRAZILIAN), key=len, reverse=True)) + r")\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARK = re.compile(r"^\s*([-–—♪]\s*)?(.*?)(\s*♪)?\s*$", re.DOTALL)


class Translator:
    """The resident model. It must be used by the thread that made it, so it has one of its own."""

    def __init__(self, models):
        self._thread = concurrent.futures.ThreadPoolExecutor(1)
        self._model = self._thread.submit(self._load, models).result()

    @staticmethod
    def _load(models):
        import fxtranslate
        model, shortlist, vocabulary = ((pathlib.Path(models) / "bergamot-enpt" / f).read_bytes() for f in FILES)
        return fxtranslate.Translator(model=model, src_vocab=vocabulary, trg_vocab=vocabulary, shortlist=shortlist)

    def translate(self, source, target, cues):
        """The translation of each cue, in the order given. max_chars is a wish that this model cannot follow."""
        if source.split("-")[0].lower() != "en" or target.lower() not in ("pt", "pt-br"):
            raise WireError(404, "language_not_found", f"no translation from {source[:20]} to {target[:20]}: this model knows {PAIR[0]} to {PAIR[1]}")
        return self._thread.submit(lambda: [{"id": c["id"], "text": self._cue(c["text"])} for c in cues]).result()

    def _cue(self, text):
        if re.search(r"\n\s*[-–—]", text):
            return "\n".join(self._line(line) for line in text.split("\n"))
        return self._line(" ".join(text.split()))

    def _line(self, text):
        before, core, after = _MARK.match(text).groups()
        if not any(c.isalpha() for c in core):
            return text
        return (before or "") + polish(core, self._model.translate_long(core)) + (after or "")


def polish(source, made):
    """The translation with Brazilian words, the numbers of the source and its capitals."""
    made = _EUROPEAN.sub(lambda m: _like(m[0], BRAZILIAN.get(m[0].lower()) or BRAZILIAN[m[0].capitalize()]), made)
    made = numbers_of(source, made)
    letters = [c for c in source if c.isalpha()]
    return made.upper() if len(letters) > 1 and all(c.isupper() for c in letters) else made


def numbers_of(source, made):
    """The translation with the numbers of the source, written as Brazil writes them.

    The model at times drops a digit: where as many numbers are unknown on one
    side as are missing on the other, they are taken for each other in order.
    """
    digits = lambda n: re.sub(r"\D", "", n)
    told, got = _NUMBER.findall(source), _NUMBER.findall(made)
    missing = [n for n in told if digits(n) not in map(digits, got)]
    unknown = [n for n in got if digits(n) not in map(digits, told)]
    right = {digits(n): n for n in told}
    if len(missing) == len(unknown):
        right |= {digits(wrong): n for wrong, n in zip(unknown, missing)}
    return _NUMBER.sub(lambda m: brazilian_number(right[digits(m[0])]) if digits(m[0]) in right else m[0], made)


def _like(word, other):
    return other[0].upper() + other[1:] if word[0].isupper() else other


def brazilian_number(number):
    """An English number as Brazil writes it: 1,250.5 is 1.250,5. Dates and versions such as 1.2.3 stay."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+", number):
        return number.translate(str.maketrans(",.", ".,"))
    return number


def cues(listed):
    """The cues of a request, checked."""
    if not isinstance(listed, list) or not all(isinstance(c, dict) for c in listed):
        raise invalid("invalid_request", "cues must be a list of objects with id and text")
    if len(listed) > MOST:
        raise WireError(413, "too_long", f"{len(listed)} cues in one request, the limit is {MOST}: send less at once")
    for c in listed:
        if not isinstance(c.get("id"), str) or not isinstance(c.get("text"), str):
            raise invalid("invalid_request", "every cue needs id and text, both strings")
        if len(c["text"]) > LONGEST:
            raise WireError(413, "too_long", f"a cue has {len(c['text'])} characters, the limit is {LONGEST}: split it")
    if len({c["id"] for c in listed}) < len(listed):
        raise invalid("invalid_request", "two cues have the same id")
    return listed
