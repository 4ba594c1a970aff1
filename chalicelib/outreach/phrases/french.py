"""French: a space that does not break before high punctuation and inside guillemets; no "de" or "que" before a fact,
whose first letter would decide on its elision."""

from __future__ import annotations

from chalicelib.outreach.material import Template, Tone
from chalicelib.outreach.phrases import Phrases

PHRASES = Phrases(
    greeting={Tone.WARM: "Bonjour {name},", Tone.NEUTRAL: "Bonjour {name},", Tone.FORMAL: "Bonjour {name},"},
    subject={
        Template.STANDARD: "{position} chez {organization}",
        Template.EXECUTIVE: "{position} chez {organization}\u00a0: un échange",
        Template.TECHNICAL: "{position} chez {organization}\u00a0: les compétences recherchées",
        Template.FOLLOW_UP: "Notre message au sujet du poste {position}",
        Template.REJECTION: "Votre candidature\u00a0: {position}",
    },
    opening={
        Template.STANDARD: "Je vous écris pour {organization} au sujet du poste «\u00a0{position}\u00a0».",
        Template.EXECUTIVE: (
            "Pour {organization}, je souhaiterais m’entretenir avec vous du poste «\u00a0{position}\u00a0»."
        ),
        Template.TECHNICAL: (
            "Je vous écris pour {organization} au sujet du poste «\u00a0{position}\u00a0» "
            "et des compétences recherchées."
        ),
        Template.FOLLOW_UP: (
            "Le {date}, nous vous avons écrit au sujet du poste «\u00a0{position}\u00a0» chez {organization}. "
            "Une réponse de votre part nous ferait toujours plaisir."
        ),
        Template.REJECTION: "Merci pour votre candidature au poste «\u00a0{position}\u00a0» chez {organization}.",
    },
    profile="Votre profil indique\u00a0: {work}.",
    department="Service\u00a0: {value}",
    location="Lieu\u00a0: {value}",
    salary="Salaire\u00a0: {value}",
    salary_range="de {low} à {high} {currency}",
    salary_from="à partir de {low} {currency}",
    salary_up_to="jusqu’à {high} {currency}",
    salary_exact="{low} {currency}",
    evidence_heading="Voici ce qui est recherché et ce qu’en dit votre CV\u00a0:",
    evidence="- {requirement}\u00a0: «\u00a0{quote}\u00a0»",
    asked_heading="Voici ce qui est recherché\u00a0:",
    asked="- {requirement}",
    invitation={
        Tone.WARM: "Souhaitez-vous en parler\u00a0? Je me réjouis de vous lire.",
        Tone.NEUTRAL: "Souhaitez-vous en parler\u00a0? Il suffit de répondre à ce message.",
        Tone.FORMAL: ("Je reste à votre disposition pour un entretien et vous remercie par avance de votre réponse."),
    },
    decision={
        Tone.WARM: (
            "Malheureusement, nous ne pouvons pas donner une suite favorable à votre candidature. "
            "Nous savons que cette nouvelle n’est pas agréable."
        ),
        Tone.NEUTRAL: "Malheureusement, nous ne pouvons pas donner une suite favorable à votre candidature.",
        Tone.FORMAL: (
            "Nous avons le regret de vous informer que nous ne pouvons pas donner une suite favorable "
            "à votre candidature."
        ),
    },
    wishes={
        Tone.WARM: (
            "Merci pour le temps que vous y avez consacré. Nous vous souhaitons de tout cœur une belle continuation."
        ),
        Tone.NEUTRAL: "Merci pour le temps que vous y avez consacré. Nous vous souhaitons une bonne continuation.",
        Tone.FORMAL: (
            "Nous vous remercions du temps que vous y avez consacré et vous souhaitons une pleine réussite "
            "dans la suite de votre parcours."
        ),
    },
    closing={
        Tone.WARM: "Bien cordialement,",
        Tone.NEUTRAL: "Cordialement,",
        Tone.FORMAL: "Je vous prie d’agréer mes salutations distinguées.",
    },
    date="{day} {month} {year}",
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    grouping="\u202f",
    decimal=",",
    first_of_month="1er",
)
