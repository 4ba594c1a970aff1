"""The signs by which documents are told apart: phrases and headings with their weights, in four languages.

A sign counts once, however often it is seen. OTHER holds the signs of documents that we do not read (bills, recipes,
letters, contracts, courses): they speak against every kind we know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.descriptions.topics import Topic
from chalicelib.resumes.sections import Section


class Kind(StrEnum):
    """What a document may be taken for."""

    RESUME = "resume"
    POSITION = "position_description"
    BRIEF = "project_brief"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sign:
    """A phrase that speaks for a kind, in tenths of a point."""

    kind: Kind
    weight: int
    phrase: re.Pattern[str]


def _sign(kind: Kind, weight: int, words: str, *, is_line: bool = False) -> Sign:
    """`words` are alternatives; a line sign opens a line and leaves at most 40 characters after it."""
    inner = re.sub(r"\s{2,}", "", words)
    pattern = rf"^[ \t#*\d.)]{{0,6}}(?:{inner})\b[^\n\f]{{0,60}}$" if is_line else rf"(?<!\w)(?:{inner})(?!\w)"
    return Sign(kind, weight, re.compile(pattern, re.IGNORECASE | re.MULTILINE))


GENDERS = (
    r"\(all genders\)|\((?:m|w|f|h|d|x|gn|i|div)(?:\s?[/|*,]\s?(?:m|w|f|h|d|x|gn|i|div)){1,3}\)|(?<!\w)(?:h/f|"
    r"f/h|m/w/d|w/m/d)(?!\w)"
)

SIGNS = (
    _sign(Kind.RESUME, 50, r"curriculum vitae|r[ée]sum[ée](?: of| –| -|$)|lebenslauf|cv of|hoja de vida|"
          r"curr[ií]culum(?: v[ií]tae)?|curriculum", is_line=True),
    _sign(Kind.RESUME, 20, r"date of birth|geburtsdatum|geboren am|date de naissance|né(?:e)? le|fecha de nacimiento|"
          r"nationality:|staatsangehörigkeit|familienstand|nationalité|nacionalidad"),
    _sign(Kind.RESUME, 15, r"references (?:are )?(?:available|provided) (?:up)?on request|referees"),
    _sign(Kind.RESUME, 10, r"linkedin\.com/in/[\w-]{2,60}|github\.com/[\w-]{2,60}"),
    _sign(Kind.POSITION, 40, r"job description|position description|role profile|job posting|job advert(?:isement)?|"
          r"vacancy(?: notice| announcement)?|job title|position title|person specification|we(?: are|['’]re) hiring|"
          r"job opening|stellenanzeige|stellenausschreibung|stellenbeschreibung|stellenangebot|fiche de poste|"
          r"offre d['’]emploi|intitulé du poste|descripci[óo]n del puesto|oferta de (?:empleo|trabajo)|"
          r"perfil de puesto|"
          r"job details|stellenbezeichnung|título del puesto|nombre del puesto", is_line=True),
    _sign(Kind.POSITION, 35, GENDERS),
    _sign(Kind.POSITION, 30, r"(?:we|who) (?:are|is) (?:now |currently )?(?:looking for|seeking|hiring|recruiting)|"
          r"we['’]re (?:now |currently )?(?:looking for|seeking|hiring|recruiting)|(?:is|are) (?:looking for|"
          r"seeking) an?|"
          r"(?:suchen wir|wir suchen)|nous recherchons|(?:nous )?recrutons|recherche (?:un|une)|"
          r"buscamos|seleccionamos|precisa incorporar|estamos buscando"),
    _sign(Kind.POSITION, 20, r"you will (?:be|work|lead|have|join|report|manage|own|support|help|build|design|run)|"
          r"you['’]ll (?:be|work|lead|have|join|own|report|manage|help|build|run)|sie (?:verantworten|übernehmen|"
          r"bringen|verfügen|"
          r"haben|arbeiten|betreuen)|du (?:verantwortest|übernimmst|bringst|hast|arbeitest|betreust|verfügst)|"
          r"vous (?:serez|aurez|êtes|avez|justifiez|participez|assurez|maîtrisez)|tu (?:seras|auras|es|as)|"
          r"te encargarás|"
          r"serás|tendrás|trabajarás|te unirás"),
    _sign(Kind.POSITION, 20, r"(?:the )?(?:ideal|successful) candidate|the (?:post|job|role)[- ]?holder|"
          r"this (?:role|position)|"
          r"about the (?:role|job|position)|candidat(?:e)? idéale?|candidato ideal|la persona seleccionada|"
          r"in dieser position"),
    _sign(Kind.POSITION, 20, r"apply (?:by|now|today|online|with|before|via)|to apply|closing date|"
          r"send (?:us )?your (?:cv|"
          r"resume|résumé|application)|applications close|bewerben sie sich|bewirb dich|ihre bewerbung|deine bewerbung|"
          r"bewerbungsfrist|aussagekräftigen? (?:unterlagen|bewerbung)|envoyez (?:votre|nous)|merci d['’]adresser|"
          r"adresser votre|postulez|envía tu|enviar (?:cv|curr[ií]culum)|inscríbete|postula|interesados enviar"),
    _sign(Kind.POSITION, 20, r"(?:salary|pay|compensation)(?: range)?\s?:|per annum|gehalt\s?:|jahresgehalt|"
          r"vergütung nach|"
          r"rémunération\s?:|salaire\s?:|brut(?:s)? (?:annuel|par an)|salario\s?:|retribución|brutos? (?:anual|"
          r"al año)"),
    _sign(Kind.POSITION, 15, r"equal opportunity|equal opportunities employer|reports to|reporting to|full[- ]time|"
          r"part[- ]time|vollzeit|teilzeit|unbefristet|\bcdi\b|\bcdd\b|temps plein|temps partiel|jornada completa|"
          r"contrato indefinido"),
    _sign(Kind.POSITION, 15, r"(?:at least|minimum(?: of)?) \w{1,6}(?:\+)? years?|\d{1,2}\+ years|mehrjährige|"
          r"berufserfahrung in|"
          r"ans d['’]expérience|años de experiencia|al menos \w{1,6} años|years['’]? (?:of )?experience"),
    _sign(Kind.BRIEF, 50, r"(?:recruit(?:ment|ing) |hiring |staffing |client )?project brief|(?:hiring|staffing|"
          r"engagement|"
          r"recruitment|talent) brief|brief(?:ing)? (?:de|del|du) (?:projet|proyecto)|projektbrief|projektsteckbrief|"
          r"projektauftrag|projektbriefing|note de cadrage|fiche projet|brief projet|"
          r"ficha (?:de|del) proyecto|project charter|project initiation document", is_line=True),
    _sign(Kind.BRIEF, 20, r"project (?:name|title|sponsor|manager|owner)\s?:|projektname\s?:|projekttitel\s?:|"
          r"nom du projet\s?:|nombre del proyecto\s?:|project\s?:|projekt\s?:|projet\s?:|proyecto\s?:|"
          r"auftraggeber\s?:|client\s?:|kunde\s?:|cliente\s?:|sponsor\s?:"),
    _sign(Kind.BRIEF, 20, r"(?:target|planned|total) (?:hires|headcount)|hiring (?:target|plan)|headcount|"
          r"personalbedarf|"
          r"einstellungsplan|plan de recrutement|plan de contratación|effectif cible|hires planned|"
          r"\d{1,4} (?:new )?hires"),
    _sign(Kind.OTHER, 60, r"invoice|rechnung|facture|factura|receipt|quittung|quotation|purchase order|delivery note|"
          r"lieferschein|angebot nr|mahnung|devis|presupuesto n", is_line=True),
    _sign(Kind.OTHER, 40, r"(?:invoice|rechnungs?|facture) ?(?:no|nr|number|nummer|n°|#)|amount due|subtotal|zahlbar|"
          r"payment terms|montant ttc|total ttc|\biva\b|mwst|vat (?:no|number|id)|iban|bank statement|kontoauszug"),
    _sign(Kind.OTHER, 60, r"ingredients|zutaten|ingrédients|ingredientes|zubereitung|preparation|préparation|"
          r"preparación",
          is_line=True),
    _sign(Kind.OTHER, 30, r"preheat|tablespoons?|teaspoons?|tbsp|tsp|esslöffel|cuillères?|cucharadas?|backofen"),
    _sign(Kind.OTHER, 45, r"dear (?:sir|madam|hiring|mr|ms|mrs|dr|all|team)|sehr geehrte|madame, monsieur|"
          r"estimad[oa]s?|"
          r"to whom it may concern|liebe[rs]? (?:frau|herr|team)"),
    _sign(Kind.OTHER, 30, r"yours (?:sincerely|faithfully|truly)|kind regards|best regards|sincerely|mit freundlichen|"
          r"cordialement|salutations distinguées|atentamente|un cordial saludo"),
    _sign(Kind.OTHER, 60, r"(?:service |employment |non-disclosure |rental |tenancy |lease |framework |consultancy |"
          r"license )?"
          r"agreement|contract of employment|employment contract|arbeitsvertrag|mietvertrag|dienstvertrag|"
          r"contrat de (?:travail|bail|prestation)|contrato de (?:trabajo|arrendamiento|prestación)|"
          r"terms (?:and|of)|privacy policy|arbeitszeugnis|zwischenzeugnis", is_line=True),
    _sign(Kind.OTHER, 40, r"hereinafter|hereby|the parties|whereas|governing law|this agreement|nachstehend|"
          r"nachfolgend „|"
          r"ci-après|en lo sucesivo|in witness whereof|gerichtsstand|the employee shall|the tenant"),
    _sign(Kind.OTHER, 60, r"minutes of|meeting minutes|protokoll|compte rendu|acta de|agenda|attendees|"
          r"table of contents|"
          r"inhaltsverzeichnis|abstract|press release|pressemitteilung|performance review|interview (?:guide|"
          r"notes|questions)|"
          r"user manual|changelog|release notes|newsletter", is_line=True),
    _sign(Kind.OTHER, 45, r"tuition(?: fees?)?|entry requirements|learning outcomes|module (?:code|description)|"
          r"credits \(ects\)|"
          r"ects|semester|course (?:content|fee|outline)|lernziele|functional requirements|user stor(?:y|ies)|"
          r"system requirements|acceptance criteria|no pets|bedrooms?|deposit|kaution|miete"),
)  # fmt: skip

TOPIC_WEIGHTS = {
    Topic.TASKS: (Kind.POSITION, 30),
    Topic.MUST: (Kind.POSITION, 30),
    Topic.NICE: (Kind.POSITION, 25),
    Topic.OFFER: (Kind.POSITION, 20),
    Topic.APPLY: (Kind.POSITION, 10),
    Topic.ROLE: (Kind.POSITION, 20),
    Topic.BACKGROUND: (Kind.BRIEF, 20),
    Topic.OBJECTIVES: (Kind.BRIEF, 15),
    Topic.SCOPE: (Kind.BRIEF, 25),
    Topic.DELIVERABLES: (Kind.BRIEF, 30),
    Topic.STAKEHOLDERS: (Kind.BRIEF, 25),
    Topic.HEADCOUNT: (Kind.BRIEF, 30),
    Topic.TIMELINE: (Kind.BRIEF, 15),
    Topic.BUDGET: (Kind.BRIEF, 10),
    Topic.RISKS: (Kind.BRIEF, 15),
}
SECTION_WEIGHTS = {
    Section.CONTACT: 10,
    Section.SUMMARY: 5,
    Section.EXPERIENCE: 25,
    Section.EDUCATION: 20,
    Section.SKILLS: 15,
    Section.LANGUAGES: 10,
    Section.REFERENCES: 10,
    Section.INTERESTS: 10,
}
