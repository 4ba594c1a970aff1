"""English."""

from __future__ import annotations

from chalicelib.outreach.material import Template, Tone
from chalicelib.outreach.phrases import Phrases

PHRASES = Phrases(
    greeting={Tone.WARM: "Hello {name},", Tone.NEUTRAL: "Dear {name},", Tone.FORMAL: "Dear {name},"},
    subject={
        Template.STANDARD: "{position} at {organization}",
        Template.EXECUTIVE: "{position} at {organization}: a conversation",
        Template.TECHNICAL: "{position} at {organization}: what the position asks for",
        Template.FOLLOW_UP: "Our message about the position {position}",
        Template.REJECTION: "Your application: {position}",
    },
    opening={
        Template.STANDARD: "I am writing on behalf of {organization} about the position “{position}”.",
        Template.EXECUTIVE: (
            "On behalf of {organization}, I would like to speak with you about the position “{position}”."
        ),
        Template.TECHNICAL: (
            "I am writing on behalf of {organization} about the position “{position}” and what it asks for."
        ),
        Template.FOLLOW_UP: (
            "On {date} we wrote to you about the position “{position}” at {organization}. "
            "We would still be glad to hear from you."
        ),
        Template.REJECTION: "Thank you for your application for the position “{position}” at {organization}.",
    },
    profile="Your profile says: {work}.",
    department="Department: {value}",
    location="Location: {value}",
    salary="Salary: {value}",
    salary_range="{low} to {high} {currency}",
    salary_from="from {low} {currency}",
    salary_up_to="up to {high} {currency}",
    salary_exact="{low} {currency}",
    evidence_heading="This is what is asked for, and what your résumé says about it:",
    evidence="- {requirement}: “{quote}”",
    asked_heading="This is what is asked for:",
    asked="- {requirement}",
    invitation={
        Tone.WARM: "Would you like to talk about it? I look forward to your reply.",
        Tone.NEUTRAL: "Would you like to talk about it? A reply to this message is enough.",
        Tone.FORMAL: "I am at your disposal for a conversation and would be grateful for your reply.",
    },
    decision={
        Tone.WARM: ("Unfortunately, we cannot take your application any further. We know that this is not good news."),
        Tone.NEUTRAL: "Unfortunately, we cannot take your application any further.",
        Tone.FORMAL: "We regret to inform you that we cannot take your application any further.",
    },
    wishes={
        Tone.WARM: "Thank you for the time that you gave to it. We wish you all the very best.",
        Tone.NEUTRAL: "Thank you for the time that you gave to it. We wish you all the best.",
        Tone.FORMAL: "We thank you for your time and wish you success in your further career.",
    },
    closing={Tone.WARM: "Warm regards", Tone.NEUTRAL: "Kind regards", Tone.FORMAL: "Yours sincerely"},
    date="{day} {month} {year}",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    grouping=",",
    decimal=".",
)
