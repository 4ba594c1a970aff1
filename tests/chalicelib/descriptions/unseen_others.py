"""Documents of other kinds, written after the rules and measured before any rule was changed for them."""

from __future__ import annotations

OFFER_LETTER = """Northgate Construction Ltd
Leeds, 4 March

Dear Mr Whitcomb,

We are pleased to offer you the position of Site Manager. You will be based in Leeds and report to the Operations
Director. Your salary will be £52,000 per annum. Your responsibilities are set out in the attached job description.
The offer is subject to references.

Kind regards,
Helen Abernathy
"""

INTERVIEW_GUIDE = """Interview guide: Backend Engineer

Opening (5 minutes)
- Thank the candidate and explain the steps

Experience
- Which system are you most proud of, and why?
- How did you test it?

Technical skills
- How would you find a slow query?

Rating
1 = not shown, 5 = excellent
"""

GRANT_CALL = """Call for proposals: Young Musicians

Background
The foundation supports ensembles of players under 26.

Eligibility requirements
- The ensemble has at least four members
- It has played together for at least 2 years

What we offer
- Up to 5.000 € per ensemble

How to apply
Send two recordings by 1 October.
"""

POLICY = """Remote work policy

Purpose
This policy says who may work from home and how. It applies to all full-time and part-time staff.

Scope
All departments but production.

Responsibilities
- Managers agree the days with their teams
- Staff keep data safe

Requirements
- A quiet room
- An encrypted computer
"""

TENDER = """Request for proposal: cleaning of three schools

The council is seeking a contractor for the cleaning of three schools from August. Tenders shall be sent in a sealed
envelope by noon on 3 May. The contract runs for four years. Scope of the works, requirements and the price list are
annexed. Bidders must show insurance of £5m.
"""

USER_GUIDE = """Getting started with your coffee machine

Requirements
- Filtered water
- Ground coffee

What you will need
- A scale

You will be asked to set the clock. Hold the button for at least two seconds. To apply the descaler, fill the tank to
the line and press start. Contact our service team if the red light stays on.
"""

BUSINESS_PLAN = """Business plan

Market
The market for bicycle repair grows by six per cent a year. We expect revenue of 400.000 € in the third year.

Team
Two founders and three mechanics. We plan to hire a bookkeeper in the second year.

Finance
A loan of 60.000 € at 4 per cent over seven years. Salary of the founders: 36.000 € a year each.
"""

ZEUGNIS_SCHOOL = """Zeugnis der allgemeinen Hochschulreife

Jonas Gruenwald, geboren am 3. Mai 1990 in Hannover, hat sich nach dem Besuch der gymnasialen Oberstufe der
Abiturprüfung
unterzogen. Deutsch 12 Punkte, Mathematik 14 Punkte, Englisch 11 Punkte, Physik 13 Punkte, Geschichte 10 Punkte, Sport
12 Punkte. Durchschnittsnote 1,8.
"""

EMAIL_THREAD = """Hi Grace,

could you send me the requirements for the nurse role until Friday? The ward says it needs somebody with five years of
experience. I told them we are looking for two people anyway. Salary is still open.

Thanks
Tom
"""

REVIEW_FR = """Compte rendu d'entretien annuel

Salarié : Camille Dupont
Poste : Comptable
Missions principales
- Tenue de la comptabilité
Objectifs
- Réduire les délais de clôture
Compétences
- Excel : maîtrise
"""

TEXTBOOK = """Chapter 3: Staffing a project

A project needs people. This chapter explains how a hiring plan follows from scope and deliverables, who the
stakeholders
are, and why objectives come first. After reading it you will be able to write a brief of your own. Exercises are at the
end of the chapter, and solutions at the end of the book.
"""

OTHERS_TOO = {
    "offer letter": OFFER_LETTER,
    "interview guide": INTERVIEW_GUIDE,
    "grant call": GRANT_CALL,
    "policy": POLICY,
    "tender": TENDER,
    "user guide": USER_GUIDE,
    "business plan": BUSINESS_PLAN,
    "school certificate": ZEUGNIS_SCHOOL,
    "email": EMAIL_THREAD,
    "annual review": REVIEW_FR,
    "textbook": TEXTBOOK,
}
