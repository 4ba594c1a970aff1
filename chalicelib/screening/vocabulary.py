"""Words that requirements are made of: fillers that ask for nothing by themselves, and wishes with many wordings."""

from __future__ import annotations

# Around a skill or a role these say how much or how, not what.
_FILLERS_WORDS = """
    a an the of in with for to at on as by from and or your our you we is are be must have has having should will who
    can able ability any all both other related similar equivalent relevant comparable field fields area areas plus
    strong solid good great excellent proven demonstrable demonstrated deep broad extensive hands-on hands practical
    professional commercial working prior previous recent first-hand sound advanced expert expertise proficient
    proficiency proficiently experience experiences experienced experience's knowledge understanding familiarity
    familiar skill skills skilled competence competency competent command use using used usage work works minimum
    least more than over about preferably ideally preferred desirable required essential advantage bonus nice very
    well high highly level levels fluent fluently some basic background track record exposure including like such e.g
    eg etc i.e candidate candidates person years year months month yrs confident comfortable up one another
    environment environments setting settings context role roles position positions modern erfahrung erfahrungen
    kenntnisse kenntnis gute guter sehr mehrjahrige mindestens fundierte sichere im umgang mit und oder der die das
    von als sowie berufserfahrung jahre jahren abgeschlossene abgeschlossenes spoken written verbal oral speak
    speaking
"""
FILLERS = frozenset(_FILLERS_WORDS.split())
# Beside a known skill these add nothing: "Python programming", "Kafka framework", "Java developer".
_SKILL_FILLERS_WORDS = """
    development developer developers develop developing programming programmer engineer engineering framework
    frameworks database databases tool tools tooling platform platforms cloud language languages application
    applications service services technology technologies technical stack library libraries software system systems
    certified certification certificate ecosystem production
    valid clean current active license licence based coding code scripting
"""
SKILL_FILLERS = FILLERS | frozenset(_SKILL_FILLERS_WORDS.split())
BASICS = frozenset({"basic", "basics", "some", "exposure", "familiarity", "grundkenntnisse", "beginner"})
OPEN_ENDED = ("or similar", "or equivalent", "or related", "or comparable", "or other", "similar field",
              "related field", "oder vergleichbar", "oder ahnlich", "or another")  # fmt: skip

_LEADS = (
    r"(?:led|lead|leads|leading|headed|heading|managed|manages|managing|supervised|supervises|supervising|directed|"
    r"directing|coached|oversaw|overseeing|built and led|fuhrung|leitung|geleitet|leitete)"
)
_PEOPLE = (
    r"(?:teams?|staff|people|engineers|developers|nurses|employees|reports|crew|department|colleagues|workers|"
    r"operators|technicians|analysts|consultants|drivers|cooks|chefs|mitarbeiter\w{0,4}|trainees)"
)

# (asked for, stated by): both are searched in folded text.
CONCEPTS: tuple[tuple[str, str, str], ...] = (
    (
        "leading a team",
        r"\b(?:team lead\w{0,6}|people (?:management|leadership)|leadership|lead(?:ing)? (?:a )?teams?|line management|"
        r"manag\w{1,5} (?:a )?teams?|staff management|personalverantwortung|fuhrungserfahrung)\b",
        rf"\b{_LEADS}\b(?: [a-z0-9+&'-]{{1,20}}){{0,5}} {_PEOPLE}\b|\bteam lead(?:er)?\b|\bline manager\b|\bhead of\b|"
        r"\b(?:people|team|line|staff) (?:management|leadership)\b|\bpersonalverantwortung\b|\bteamleit\w{1,6}\b",
    ),
    (
        "willing to travel",
        r"\btravel(?:ling|ing)?\b.{0,20}\b(?:required|\d{1,3} ?%)|\b(?:willing|ready|able|prepared|open|readiness|"
        r"willingness|"
        r"availab\w{2,5}) (?:to|for) (?:business )?travel|\breisebereit\w{0,6}|^travel$",
        r"\b(?:willing|ready|able|prepared|open|happy|available|willingness|readiness) (?:to|for) (?:\w{1,12} )?travel|"
        r"\btravel(?:l?ed|l?ing)? (?:up to )?\d{1,3} ?%|\d{1,3} ?% travel|\breisebereit\w{0,6}|\bfrequent travell?er\b",
    ),
    (
        "willing to relocate",
        r"\brelocat\w{1,5}\b|\bumzugsbereit\w{0,6}",
        r"\b(?:willing|ready|able|prepared|open|happy|willingness) to relocat\w{1,5}\b|\bumzugsbereit\w{0,6}|"
        r"\bopen to relocation\b",
    ),
    (
        "shift work",
        r"\b(?:shift work\w{0,3}|work(?:ing)? (?:in )?shifts|night shifts?|rotating shifts?|schichtarbeit|"
        r"schichtbereit\w{0,6})",
        r"\b(?:shift work|(?:night|day|rotating|early|late|weekend|12-hour|three|two)[- ](?:and \w{1,8}[- ])?shifts?|"
        r"work(?:ed|ing)? (?:in )?(?:rotating )?shifts|schichtarbeit|schichtdienst|nachtschicht\w{0,3})\b",
    ),
)
