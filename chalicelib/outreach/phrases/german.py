"""German: formal address ("Sie"), and the sentence after the greeting begins in lower case."""

from __future__ import annotations

from chalicelib.outreach.material import Template, Tone
from chalicelib.outreach.phrases import Phrases

PHRASES = Phrases(
    greeting={Tone.WARM: "Hallo {name},", Tone.NEUTRAL: "Guten Tag {name},", Tone.FORMAL: "Guten Tag {name},"},
    subject={
        Template.STANDARD: "{position} bei {organization}",
        Template.EXECUTIVE: "{position} bei {organization}: ein Gespräch",
        Template.TECHNICAL: "{position} bei {organization}: Anforderungen der Position",
        Template.FOLLOW_UP: "Unsere Nachricht zur Position {position}",
        Template.REJECTION: "Ihre Bewerbung: {position}",
    },
    opening={
        Template.STANDARD: "ich schreibe Ihnen im Namen von {organization} zur Position „{position}“.",
        Template.EXECUTIVE: (
            "im Namen von {organization} möchte ich mit Ihnen über die Position „{position}“ sprechen."
        ),
        Template.TECHNICAL: (
            "ich schreibe Ihnen im Namen von {organization} zur Position „{position}“ und zu ihren Anforderungen."
        ),
        Template.FOLLOW_UP: (
            "am {date} haben wir Ihnen zur Position „{position}“ bei {organization} geschrieben. "
            "Über eine Antwort würden wir uns weiterhin freuen."
        ),
        Template.REJECTION: "vielen Dank für Ihre Bewerbung auf die Position „{position}“ bei {organization}.",
    },
    profile="In Ihrem Profil steht: {work}.",
    department="Abteilung: {value}",
    location="Ort: {value}",
    salary="Gehalt: {value}",
    salary_range="{low} bis {high} {currency}",
    salary_from="ab {low} {currency}",
    salary_up_to="bis {high} {currency}",
    salary_exact="{low} {currency}",
    evidence_heading="Das wird gesucht, und das steht dazu in Ihrem Lebenslauf:",
    evidence="- {requirement}: „{quote}“",
    asked_heading="Das wird gesucht:",
    asked="- {requirement}",
    invitation={
        Tone.WARM: "Hätten Sie Lust auf ein Gespräch? Ich freue mich auf Ihre Antwort.",
        Tone.NEUTRAL: "Haben Sie Interesse an einem Gespräch? Eine Antwort auf diese Nachricht genügt.",
        Tone.FORMAL: "Für ein Gespräch stehe ich Ihnen gern zur Verfügung. Über Ihre Antwort würde ich mich freuen.",
    },
    decision={
        Tone.WARM: (
            "Leider können wir Ihnen für diese Position keine Zusage geben. "
            "Wir wissen, dass das keine schöne Nachricht ist."
        ),
        Tone.NEUTRAL: "Leider können wir Ihnen für diese Position keine Zusage geben.",
        Tone.FORMAL: (
            "Wir bedauern, Ihnen mitteilen zu müssen, dass wir Ihre Bewerbung nicht weiter berücksichtigen können."
        ),
    },
    wishes={
        Tone.WARM: (
            "Danke für die Zeit, die Sie sich genommen haben. "
            "Für Ihren weiteren Weg wünschen wir Ihnen von Herzen alles Gute."
        ),
        Tone.NEUTRAL: (
            "Danke für die Zeit, die Sie sich genommen haben. Für Ihren weiteren Weg wünschen wir Ihnen alles Gute."
        ),
        Tone.FORMAL: (
            "Wir danken Ihnen für Ihre Zeit und wünschen Ihnen für Ihren weiteren beruflichen Weg alles Gute."
        ),
    },
    closing={
        Tone.WARM: "Herzliche Grüße",
        Tone.NEUTRAL: "Freundliche Grüße",
        Tone.FORMAL: "Mit freundlichen Grüßen",
    },
    date="{day}. {month} {year}",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    grouping=".",
    decimal=",",
)
