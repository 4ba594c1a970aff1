"""Which languages the rules trust themselves to read."""

from __future__ import annotations

import pytest

from chalicelib.screening.cautions import unreadable_because
from tests.chalicelib.screening.resumes import a_document

ENGLISH = (
    "Jane Doe\nBerlin\njane@example.org\nSenior Backend Developer\nACME GmbH, Berlin\nJan 2018 - Mar 2024\n"
    "Python, Django, PostgreSQL, Kafka, AWS\nBuilt payments platform\nLed migration to Kubernetes\n"
    "Education\nTU Berlin, M.Sc. Informatics, 2016\nLanguages\nGerman C2, English C1\nSkills\nPython, Go, Terraform"
)
GERMAN = (
    "Max Muster\nKrankenpfleger\nBerufserfahrung\nCharité Berlin, 01/2018 – 03/2024\n"
    "Pflege von Patienten auf der Intensivstation\nAnleitung von Auszubildenden\nAusbildung\n"
    "Gesundheits- und Krankenpfleger, 2015\nSprachen\nDeutsch Muttersprache, Englisch gut"
)
FRENCH = (
    "Jean Dupont\nDéveloppeur logiciel\nExpérience professionnelle\nSociété Générale, Paris, janvier 2018 – mars 2024\n"
    "Développement des services de paiement en Python et Django\n"
    "Gestion d'une équipe de six personnes dans le cadre du projet\n"
    "Formation\nMaster en informatique, Université de Lyon\nLangues\nFrançais langue maternelle, anglais courant"
)
DUTCH = (
    "Piet Jansen\nSoftwareontwikkelaar\nWerkervaring\nING Bank, Amsterdam, januari 2018 – maart 2024\n"
    "Ontwikkeling van betaaldiensten in Python en Django\nLeidinggeven aan een team van zes mensen\nOpleiding\n"
    "Master Informatica, Universiteit van Amsterdam\nTalen\nNederlands moedertaal, Engels vloeiend"
)


@pytest.mark.parametrize("resume", [ENGLISH, GERMAN])
def test_terse_résumés_in_english_and_german_are_read(resume: str) -> None:
    assert unreadable_because(a_document(resume)) is None


@pytest.mark.parametrize("resume", [FRENCH, DUTCH, "软件工程师，熟悉 Python，五年经验。" * 20, "1234 5678 " * 50])
def test_what_the_rules_do_not_know_is_left_to_a_human(resume: str) -> None:
    assert "language or script" in str(unreadable_because(a_document(resume)))
