"""What a position asks for and what it lets somebody do, each bullet or sentence in the document's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.descriptions.drafts import DraftRequirement
from chalicelib.descriptions.labels import Label, read_labels
from chalicelib.descriptions.outline import Block, Passage, passages, sentences, shown
from chalicelib.descriptions.topics import Topic
from chalicelib.resumes.fields import Found
from chalicelib.resumes.sections import Line
from chalicelib.resumes.text import DocumentText
from chalicelib.screening.verdicts import RequirementKind

MOST_ITEMS = 50
USUAL_WEIGHT, INSISTED_WEIGHT = 3, 5
_WISHED_FIRST = re.compile(
    r"(?:ideally|preferably|preferred|nice to have|bonus|desirable|optional(?:ly)?|idealerweise|wünschenswert|"
    r"von vorteil|gerne?\b|"
    r"optimalerweise|idéalement|de préférence|un plus|souhaité|idealmente|deseable|preferiblemente|"
    r"preferentemente|se valorará|"
    r"se valora|valorable)(?!\w)",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"(?<!\w)(?:(?:is|are|would be|will be|considered|as) (?:an? )?(?:definite |big |strong |real |distinct |"
    r"added )?(?:plus|bonus|advantage|"
    r"asset|desirable|advantageous|preferred|beneficial|welcome|nice to have)|a (?:definite |big |"
    r"strong )?(?:plus|bonus|asset)|"
    r"an advantage|preferred|desirable|desired|advantageous|nice[- ]to[- ]have|not essential|optional|"
    r"(?:sind |ist |wäre[n]? )?(?:von vorteil|wünschenswert|ein plus|gern gesehen|vorteilhaft|hilfreich|"
    r"kein muss)|(?:est |sont |"
    r"serai(?:en)?t |constitue )?(?:un|des) (?:vrais? )?(?:plus|atouts?)|souhaitée?s?|appréciée?s?|"
    r"serait appréciée?|(?:es |será |sería )?(?:un )?"
    r"(?:plus|deseables?|valorable)|se valorará|se valora|ventaja)[ .!)*]{0,4}$",
    re.IGNORECASE,
)
_INSISTED = re.compile(
    r"(?<!\w)(?:essential|mandatory|must|non-negotiable|compulsory|zwingend|unbedingt|unabdingbar|pflicht|"
    r"zwingend erforderlich|impérati(?:f|ve)(?:ment)?|indispensables?|obligatoires?|imprescindibles?|"
    r"obligatori[oa]s?)(?!\w)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?<!\w)(?:required|necessary|needed|erforderlich|notwendig|vorausgesetzt|exigée?s?|requise?s?|nécessaires?|"
    r"requerid[oa]s?|"
    r"necesari[oa]s?|\d{1,2}\+? (?:years?|jahre|ans|años)|degree|fluent|fließend|(?:sehr )?gute[rns]?|"
    r"sicher\w{0,4}|verhandlungssicher\w{0,3}|solid|strong|excellent|proven|maîtrise|bonnes?|excellente?s?|"
    r"dominio|sólidos?)(?!\w)",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(?:you (?:have|bring|hold|must|need|should|are|know|possess)|you(?:['’]ll| will) (?:need|have|bring|hold)|"
    r"(?:candidates|applicants) "
    r"(?:must|should|need)|we (?:expect|require)|sie (?:haben|verfügen|bringen|besitzen|sind|sprechen|"
    r"beherrschen)|du (?:hast|verfügst|bringst|"
    r"bist|sprichst|besitzt)|wir (?:erwarten|setzen)|vous (?:avez|êtes|justifiez|maîtrisez|possédez|disposez|"
    r"parlez)|tu (?:as|es|"
    r"maîtrises)|tienes|cuentas con|eres|debes|dispones|se requiere|se requieren|es necesario|must have)(?!\w)",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"(?:(?:in this role,? )?you(?:['’]ll| will) (?!need|have|hold|bring|receive|get|enjoy)|sie (?:übernehmen|"
    r"verantworten|betreuen|leiten|"
    r"führen|planen)|du (?:übernimmst|verantwortest|betreust|leitest|planst)|vous (?:serez|assurez|assurerez|"
    r"participez|gérez|encadrez)|"
    r"serás|te encargarás|gestionarás)(?!\w)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-h])[.)][ \t]{1,4}(?=\w)")
_PROSE = (Topic.OPENING, Topic.ROLE, Topic.OTHER)


def read_responsibilities(text: DocumentText, blocks: Sequence[Block], width: int) -> tuple[Found[str], ...]:
    """What the work is, from the sections about it, else from sentences like "You will …"; at most 50."""
    items = [item for block in blocks if block.topic is Topic.TASKS for item in _items(text, block, width)]
    if not items:
        items = [each for each in _prose(text, blocks, width) if _DOING.match(text.text, each.start, each.end)]
    return tuple(_distinct(shown(text, item.start, item.end) for item in items))[:MOST_ITEMS]


def read_requirements(text: DocumentText, blocks: Sequence[Block], width: int) -> tuple[DraftRequirement, ...]:
    """What is asked for: must or nice by the section's heading and by the words of each; at most 50, in order."""
    sections = [block for block in blocks if block.topic in (Topic.MUST, Topic.NICE)]
    items = [(item, block.topic) for block in sections for item in _items(text, block, width)]
    if not items:
        prose = (each for each in _prose(text, blocks, width) if _asks(text, each))
        items = [(each, Topic.MUST) for each in prose]
    kinds = {item.start: topic for item, topic in items}
    texts = list(_distinct(shown(text, item.start, item.end) for item, _ in items))[:MOST_ITEMS]
    return tuple(_requirement(each, kinds) for each in texts)


def _requirement(words: Found[str], topics: dict[int, Topic]) -> DraftRequirement:
    is_nice = topics.get(words.start) is Topic.NICE or is_wished(words.value)
    kind = RequirementKind.NICE if is_nice else RequirementKind.MUST
    insists = not is_nice and _INSISTED.search(words.value)
    return DraftRequirement(words, kind, INSISTED_WEIGHT if insists else USUAL_WEIGHT)


def is_wished(words: str) -> bool:
    """Whether the words themselves call the whole of it nice to have.

    "German, French a plus" does: its wish ends it and nothing before insists. "5 years, ideally in retail" and "Degree
    required; a master's is a plus" do not: what they ask for comes first.
    """
    if _WISHED_FIRST.match(words):
        return True
    wish = _WISHED.search(words[-120:])
    if not wish:
        return False
    before = words[: max(0, len(words) - 120) + wish.start()]
    if re.search(r"[;.–] ", before):
        return False
    clauses = re.split(r", | \(|\) ", before)
    return len(clauses) == 1 or not any(_ASKED.search(c) or _INSISTED.search(c) for c in clauses[:-1])


def _items(text: DocumentText, block: Block, width: int) -> Iterator[Passage]:
    """The bullets of a section with what else in it asks or wishes; without bullets its sentences."""
    lines = [line for line in block.lines if line.has_bullet or not _is_labelled(text, line)]
    numbered = [line for line in lines if _NUMBERED.match(line.words)]
    if len(numbered) > 1:
        lines = [_without_number(line) for line in lines]
    for passage in passages(text, lines, width):
        if passage.has_bullet:
            yield passage
        elif not block.has_bullets and len(numbered) < 2:
            yield from _without_introduction(text, passage)
        else:
            yield from (each for each in sentences(text, passage) if _asks(text, each))


def _without_number(line: Line) -> Line:
    """A numbered line as a bullet: "2. Train the team" is "Train the team"."""
    number = _NUMBERED.match(line.words)
    if line.has_bullet or not number:
        return line
    return Line(line.words[number.end() :], line.start + number.end(), line.end, True, line.after_blank)


def _is_labelled(text: DocumentText, line: Line) -> bool:
    """Whether a line says something else of the position ("Salary: £40,000")."""
    labels = read_labels(text, [line])
    return any(values for label, values in labels.items() if label not in (Label.EXPERIENCE, Label.SUMMARY))


def _without_introduction(text: DocumentText, passage: Passage) -> Iterator[Passage]:
    """Its sentences; "You have:" alone introduces and asks for nothing."""
    for each in sentences(text, passage):
        if not text.text[each.start : each.end].rstrip().endswith(":"):
            yield each


def _prose(text: DocumentText, blocks: Iterable[Block], width: int) -> Iterator[Passage]:
    for block in blocks:
        if block.topic in _PROSE:
            for passage in passages(text, block.lines, width):
                yield from sentences(text, passage)


def _asks(text: DocumentText, passage: Passage) -> bool:
    words = " ".join(text.text[passage.start : passage.end][:1000].split())
    if words.endswith((":", "?")):
        return False
    return bool(_ASKING.match(words) or is_wished(words) or re.search(r"(?:is|are) required", words))


def _distinct(found: Iterable[Found[str] | None]) -> Iterator[Found[str]]:
    seen: set[str] = set()
    for each in found:
        if each is not None and each.value.casefold() not in seen:
            seen.add(each.value.casefold())
            yield each
