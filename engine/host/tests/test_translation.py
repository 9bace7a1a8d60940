"""Translation, with the real model."""

import json

import pytest

from enginehost import mt


def ask(host, cues, source="en", target="pt-BR"):
    content = json.dumps({"source_language": source, "target_language": target, "cues": cues})
    return host.post("/v1/chat/completions", {"model": "bergamot-enpt", "temperature": 0, "messages": [
        {"role": "system", "content": "Translate."}, {"role": "user", "content": content}]})


def translations(answer):
    return {t["id"]: t["text"] for t in json.loads(answer["choices"][0]["message"]["content"])["translations"]}


def test_every_id_comes_back_once_and_keeps_names_and_numbers(host):
    lines = {"e1": "I told you, Sarah, the train leaves at 7:45 from platform 12.", "e2": "The budget was 1,250,000 dollars.",
             "e3": "NO!", "e4": "- Who's there?\n- It's me.", "e5": "...", "e6": "Dr. Miller is late."}

    status, answer = ask(host, [{"id": k, "text": v, "max_chars": 0} for k, v in lines.items()])
    made = translations(answer)

    assert status == 200 and made.keys() == lines.keys()
    assert all(part in made["e1"] for part in ("Sarah", "7:45", "12")) and "trem" in made["e1"]
    assert "1.250.000" in made["e2"]
    assert made["e3"] == "NÃO!"
    assert [line[:2] for line in made["e4"].split("\n")] == ["- ", "- "]
    assert made["e5"] == "..." and "Miller" in made["e6"]


def test_two_hundred_lines_fit_in_one_request(host):
    cues = [{"id": f"e{i}", "text": f"We have {i} minutes to leave this place."} for i in range(200)]

    made = translations(ask(host, cues)[1])

    assert [str(i) in made[f"e{i}"] for i in range(200)] == [True] * 200


@pytest.mark.parametrize("cues, target, status, code", [
    ([{"id": "e1", "text": "Hello."}], "ja", 404, "language_not_found"),
    ([{"id": "e1", "text": "a"}, {"id": "e1", "text": "b"}], "pt-BR", 400, "invalid_request"),
    ([{"id": "e1"}], "pt-BR", 400, "invalid_request"),
    ([{"id": "e1", "text": "a" * 3000}], "pt-BR", 413, "too_long"),
], ids=["a language it does not know", "an id twice", "no text", "a page in a cue"])
def test_a_request_that_cannot_succeed_is_refused(host, cues, target, status, code):
    got, answer = ask(host, cues, target=target)

    assert (got, answer["error"]["code"]) == (status, code)


@pytest.mark.parametrize("english, brazilian", [("1,250.5", "1.250,5"), ("3.5", "3,5"), ("2024", "2024"), ("1.2.3", "1.2.3"), ("12,500", "12.500")])
def test_numbers_are_written_as_brazil_writes_them(english, brazilian):
    assert mt.brazilian_number(english) == brazilian


def test_european_words_become_brazilian_and_keep_their_capital():
    assert mt.polish("The bus and the train.", "Autocarro e comboio.") == "Ônibus e trem."


@pytest.mark.parametrize("source, made, right", [
    ("It was 1,250,000 in 2024.", "Foi 1.20.000 em 2024.", "Foi 1.250.000 em 2024."),
    ("Two of 3.5 each.", "2 de 3,5 cada.", "2 de 3,5 cada."),
    ("At 7:45, gate 12.", "Às 7:45, portão 12.", "Às 7:45, portão 12."),
    ("In 3 days or 4.", "Em três dias ou 4.", "Em três dias ou 4."),
], ids=["a dropped digit", "a number that was a word", "a time", "a word that was a number"])
def test_numbers_of_the_source_survive(source, made, right):
    assert mt.numbers_of(source, made) == right
