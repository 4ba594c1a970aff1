"""Spanish: formal address ("usted"), and a colon after the greeting."""

from __future__ import annotations

from chalicelib.outreach.material import Template, Tone
from chalicelib.outreach.phrases import Phrases

PHRASES = Phrases(
    greeting={Tone.WARM: "Hola, {name}:", Tone.NEUTRAL: "Buenos días, {name}:", Tone.FORMAL: "Buenos días, {name}:"},
    subject={
        Template.STANDARD: "{position} en {organization}",
        Template.EXECUTIVE: "{position} en {organization}: una conversación",
        Template.TECHNICAL: "{position} en {organization}: requisitos del puesto",
        Template.FOLLOW_UP: "Nuestro mensaje sobre el puesto {position}",
        Template.REJECTION: "Su candidatura: {position}",
    },
    opening={
        Template.STANDARD: "Le escribo en nombre de {organization} acerca del puesto «{position}».",
        Template.EXECUTIVE: ("En nombre de {organization}, me gustaría hablar con usted sobre el puesto «{position}»."),
        Template.TECHNICAL: (
            "Le escribo en nombre de {organization} acerca del puesto «{position}» y de sus requisitos."
        ),
        Template.FOLLOW_UP: (
            "El {date} le escribimos acerca del puesto «{position}» en {organization}. "
            "Nos seguiría alegrando recibir su respuesta."
        ),
        Template.REJECTION: "Gracias por su candidatura al puesto «{position}» en {organization}.",
    },
    profile="En su perfil consta: {work}.",
    department="Departamento: {value}",
    location="Lugar: {value}",
    salary="Salario: {value}",
    salary_range="de {low} a {high} {currency}",
    salary_from="desde {low} {currency}",
    salary_up_to="hasta {high} {currency}",
    salary_exact="{low} {currency}",
    evidence_heading="Esto es lo que se busca y lo que dice su currículum al respecto:",
    evidence="- {requirement}: «{quote}»",
    asked_heading="Esto es lo que se busca:",
    asked="- {requirement}",
    invitation={
        Tone.WARM: "¿Le gustaría que habláramos? Me alegrará leer su respuesta.",
        Tone.NEUTRAL: "¿Le interesa hablar de ello? Basta con responder a este mensaje.",
        Tone.FORMAL: "Quedo a su disposición para una conversación y le agradezco de antemano su respuesta.",
    },
    decision={
        Tone.WARM: (
            "Lamentablemente, no podemos continuar con su candidatura. Sabemos que no es una noticia agradable."
        ),
        Tone.NEUTRAL: "Lamentablemente, no podemos continuar con su candidatura.",
        Tone.FORMAL: "Lamentamos comunicarle que no podemos continuar con su candidatura.",
    },
    wishes={
        Tone.WARM: "Gracias por el tiempo que le ha dedicado. Le deseamos de corazón lo mejor para el futuro.",
        Tone.NEUTRAL: "Gracias por el tiempo que le ha dedicado. Le deseamos lo mejor para el futuro.",
        Tone.FORMAL: "Le agradecemos el tiempo dedicado y le deseamos mucho éxito en su trayectoria profesional.",
    },
    closing={Tone.WARM: "Un cordial saludo,", Tone.NEUTRAL: "Un saludo,", Tone.FORMAL: "Atentamente,"},
    date="{day} de {month} de {year}",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    grouping=".",
    decimal=",",
)
